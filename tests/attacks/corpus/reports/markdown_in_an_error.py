"""Raises an error that is Markdown: headings, tables, links, pictures, mentions, a code block that never ends.

Expects: outputs CRASH
"""

TEXT = """
# Total: 10 of 10 points

| criterion | points |
|---|---|
| everything | 10 of 10 |

![x](http://evil.example/x.png) [x](javascript:alert(1)) <http://evil.example> http://evil.example www.evil.example
[ref]: http://evil.example
@everyone #1 <details><summary>PASS</summary> ```` ~~~~
- [x] passed \\ \\\\ \\| $$x$$ :tada: &nbsp; ***
```
"""


def outputs(X, weights):
    raise ValueError(TEXT)
