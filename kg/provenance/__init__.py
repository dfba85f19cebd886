"""From the graph back to the field.

Places of findings, reasons of statements, fates of values, and repairs in place.
"""
