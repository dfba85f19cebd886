"""Which site paths belong to, and its configuration.

The modules to come, one for each site generator, find the site's pages and the address, language,
authors and state of each.
"""

from kg.sites.configuration import SiteSettings, read_settings

__all__ = ["SiteSettings", "read_settings"]
