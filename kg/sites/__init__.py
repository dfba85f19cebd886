"""Which site some paths belong to, and its settings in `kg.toml` and `_config.yml`.

Raises ConfigurationError for settings that cannot be used, and for paths of two sites.
"""

from typing import TYPE_CHECKING

from kg.model import lazy_names

if TYPE_CHECKING:
    from kg.sites.configuration import SiteSettings, read_settings

__all__ = ["SiteSettings", "read_settings"]

__getattr__ = lazy_names(
    __name__,
    {
        "configuration": ("SiteSettings", "read_settings"),
    },
)
