"""The recommendation engine: text in, ranked gifts with reasons out. NumPy, no framework."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recommendations.engine.model import Config, Model, Scored, fit, load

__all__ = ["Config", "Model", "Scored", "fit", "load"]


def __getattr__(name: str) -> Any:
    """The library's names, loaded on first use: SciPy is only for those who fit a model."""
    if name in __all__:
        from recommendations.engine import model

        return getattr(model, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
