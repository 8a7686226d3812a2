"""The settings as traits, so that `%config AlephMagics` shows and changes them."""

from dataclasses import Field, fields
from typing import Any

from traitlets import TraitError, TraitType
from traitlets.config import Config, Configurable

from aleph_nb.errors import ConfigurationError
from aleph_nb.settings import ENVIRONMENT_PREFIX, Settings, check_setting, shown_url

__all__ = ["Configured", "Setting"]


class Setting(TraitType):
    """One setting. Until it is chosen it shows what the environment or the default says."""

    def __init__(self, declared: "Field[Any]") -> None:
        super().__init__(declared.default, help=declared.metadata["about"])
        self._is_url = declared.metadata["is_url"]
        self.tag(config=True)

    def validate(self, obj: "Configured", value: Any) -> Any:  # noqa: ARG002, traitlets asks like this
        """Return the value as the setting's type, or raise TraitError."""
        name = str(self.name)
        why = ""
        try:
            value = check_setting(name, value)
        except ConfigurationError as error:
            why = str(error)
        if why:
            raise TraitError(why)
        if self._is_url and shown_url(value) != value:
            raise TraitError(
                f"{name} with a password comes from the environment only: {ENVIRONMENT_PREFIX}{name.upper()}"
            )
        return value

    def set(self, obj: "Configured", value: Any) -> None:
        """Choose a value."""
        super().set(obj, value)
        obj.chosen[str(self.name)] = obj._trait_values[self.name]  # noqa: SLF001, where traitlets keeps it

    def get(self, obj: "Configured", cls: type[Any] | None = None) -> Any:  # noqa: ARG002, likewise
        """Return the value that counts, as it may be shown."""
        if self.name in obj.chosen:
            return obj.chosen[str(self.name)]
        try:
            value = getattr(Settings.load(), str(self.name))
        except ConfigurationError:  # of the environment: the next call tells it
            return self.default_value
        return shown_url(value) if self._is_url else value


class Configured(Configurable):
    """Has a trait for each setting; a value that is refused keeps the old one and says so in a line."""

    locals().update({declared.name: Setting(declared) for declared in fields(Settings)})

    @property
    def chosen(self) -> dict[str, Any]:
        """The settings that were set, by name; all others are the environment's or the defaults."""
        chosen: dict[str, Any] = self.__dict__.setdefault("_chosen", {})
        return chosen

    def _load_config(self, cfg: Config, section_names: Any = None, traits: Any = None) -> None:
        """Drop what does not validate before it is loaded: IPython would keep it for the next load."""
        for section in (cfg[name] for name in self.section_names() if name in cfg):
            for name in [name for name in section if self.has_trait(name)]:
                try:
                    section[name] = self.traits()[name].validate(self, section[name])
                except TraitError as error:
                    del section[name]
                    print(f"{type(self).__name__}.{name} stays {getattr(self, name)!r}. {error}")  # noqa: T201
        super()._load_config(cfg, section_names, traits)

    def load_settings(self) -> Settings:
        """Return the settings as they stand now.

        Raises
        ------
        ConfigurationError
            A value of the environment cannot be used.
        """
        return Settings.load(self.chosen)
