"""The text form of an objective, which is parsed without `eval`.

    expression := term (("+" | "-") term)*
    term       := factor (("*" | "/") factor)*
    factor     := ("+" | "-") factor | number | unit | call | name | "(" expression ")"
    unit       := layer ":" channel
    call       := name "(" [argument ("," argument)*] ")"
    argument   := [name "="] value
    value      := ["+" | "-"] number | string | "None" | "True" | "False" | "[" [value ("," value)*] "]" | "..."

A unit is Lucid's short form of one channel, such as `mixed4a:476`. As a whole text, it may name any layer; in a longer
text, only one whose name has no spaces and no `-`. Where the model is known, a layer may be named by the last part of
its name, if that is unique, and the name of a class or of a layer alone stands for the class or the whole layer.

Only the names in `objectives.registry.OBJECTIVES` can be called. For every objective made of them,
`parse(repr(objective)) == objective`. An array too large to write appears in the text as `...`; the caller passes such
arrays to `parse` in addition to the text.
"""

from lucid_widgets.optvis.objectives.text.grammar import MAX_DEPTH
from lucid_widgets.optvis.objectives.text.places import Place
from lucid_widgets.optvis.objectives.text.reading import MAX_LENGTH, large_arrays, parse, read
from lucid_widgets.optvis.objectives.text.short_form import single_channel

__all__ = ["MAX_DEPTH", "MAX_LENGTH", "Place", "large_arrays", "parse", "read", "single_channel"]
