"""What was asked for: prompts in the words of somebody who directs a restyle, true to the clips."""

__all__ = [
    "ANIME",
    "AURORA",
    "CHARCOAL",
    "FIRST_SNOW",
    "FLAGGED",
    "MARS",
    "NEON",
    "NOIR",
    "STORM",
    "SUNSET",
    "WATERCOLOUR",
    "WINTER",
    "varied",
]

SUNSET = (
    "Turn the clear afternoon into a golden hour sunset, long shadows in the valleys, warm haze between "
    "the ridges; keep the birds and the camera move."
)
WINTER = (
    "Deep winter: fresh snow on every ridge and on the trees, a low white sun, light snow falling. "
    "Same birds, same pan."
)
AURORA = "Night, northern lights over the range, stars; the ridges almost black, teal light on their crests."
MARS = (
    "Make it the surface of Mars: rust red rock, fine dust in the air, a butterscotch sky that pales towards "
    "a small, cold sun, two moons. No water, no plants. The mesas keep their shape and their layers, the "
    "balloons keep rising at their own pace but look like probes in pale fabric, and the camera keeps its "
    "tilt to the last frame. It should feel like footage sent home by a rover, not like a painting: natural "
    "grain, no bloom, no lens flare."
)
ANIME = (
    "Hand-drawn anime background: flat colours, clean outlines, a bright summer sky with big clouds. "
    "Keep the skyline, the train and the cars as they move."
)
NEON = (
    "The same city at night in the rain, all neon: magenta and cyan signs, lit windows, reflections in the "
    "river. The train and the cars keep their timing."
)
NOIR = (
    "Black and white film noir: hard light, deep shadows, rain, the beam of the lighthouse sweeping over the "
    "bay. Every boat stays."
)
STORM = (
    "A storm comes in: slate clouds, rain, rough dark water, one flash of lightning, the lighthouse lit. "
    "The boats keep their course."
)
FLAGGED = "A film star everybody knows leans out of the middle tower and waves at the camera."
WATERCOLOUR = "A loose watercolour on rough paper: wet edges, three pigments, the sails left almost white."
CHARCOAL = "A charcoal drawing, smudged by hand, the mesas in broad strokes; keep the balloons and the tilt."
FIRST_SNOW = "First snow of the year on the ridges, pale morning light, no wind. Keep the birds."

# How the varied prompts of each result begin, and how they may go on.
_OPENINGS = {
    "ridge-sunset-1": ("Golden hour over the range", "Make it the last light of the day", "Late sunset"),
    "ridge-sunset-2": ("Golden hour, another take", "Sunset again, a touch cooler", "Dusk over the range"),
    "ridge-winter": ("Deep winter", "Fresh snow on every ridge", "The coldest morning of the year"),
    "ridge-aurora": ("Night with northern lights", "Aurora over the range", "A polar night"),
    "harbour-noir": (
        "Film noir, black and white",
        "A thriller of the forties",
        "Black and white, hard light",
    ),
    "harbour-storm": ("A storm is coming in", "Heavy weather in the bay", "Dark clouds, rough water"),
    "canyon-mars": ("The surface of Mars", "A canyon on another planet", "Red dust, thin air"),
    "city-anime": ("Hand-drawn anime", "Flat anime colours", "The background of an animated film"),
    "city-neon": ("Neon night", "The city after midnight, all neon", "Magenta and cyan, lit windows"),
}
_MANNERS = (
    "soft contrast, nothing clipped",
    "rich shadows, clean highlights",
    "muted colours, one strong accent",
    "as if shot on 35 mm film",
    "painted, but with true light",
    "crisp edges, a calm palette",
    "thin haze between near and far",
)
_KEEPS = (
    "Keep the camera move.",
    "Keep everything that moves.",
    "Do not change the composition.",
    "Same framing, same speed.",
    "Nothing added, nothing removed.",
)


def varied(result: str, number: int) -> str:
    """Word a prompt for a result clip, by a number."""
    openings = _OPENINGS[result]
    opening = openings[number // len(_OPENINGS) % len(openings)]
    return f"{opening}, {_MANNERS[number % len(_MANNERS)]}. {_KEEPS[number % len(_KEEPS)]}"
