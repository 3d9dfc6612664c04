"""Raises an error that is a page of its own.

Expects: outputs CRASH
"""

HTML = """<script>alert(1)</script><img src=x onerror=alert(1)><svg onload=alert(1)></details></table></pre>
<iframe src="javascript:alert(1)"></iframe><a href="javascript:alert(1)">x</a><style>*{display:none}</style><!-- """


def outputs(X, weights):
    raise ValueError(
        HTML
        + "\" onmouseover=alert(1) ' x='</title></head><base href=//evil.example>&lt;&#60;script&#62; {{ 7*7 }}"
    )
