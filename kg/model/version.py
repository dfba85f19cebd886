"""The version of kg, which the package, the manifests and the cache name."""

VERSION = "0.1.0"
