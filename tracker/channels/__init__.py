"""Ways out of the house: one module per channel, and what all of them share.

`message` holds the values and the wording, `segments` what a text costs,
`cover` the words that stand for a debt on a lock screen.
"""
