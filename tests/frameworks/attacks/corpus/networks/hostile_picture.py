"""Writes into its picture what a terminal, a browser or a spreadsheet would act on.

Expects: picture FAIL
"""


def plot_history(history):
    import matplotlib.pyplot as plt

    plt.plot([1.0, 2.0])
    plt.figtext(0, 0, "\x1b[2J<script>alert(1)</script>")
    plt.figtext(0, 1, "=1+1|a|\u202e")
    plt.title("<img src=x onerror=alert(1)>" * 500)
    plt.figtext(1, 1, "::error file=x::y\n::set-output name=grade::100")
