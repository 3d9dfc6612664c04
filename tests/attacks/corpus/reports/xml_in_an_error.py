"""Raises an error that ends the test case and adds others that passed.

Expects: outputs CRASH
"""


TEXT = ']]></failure></testcase><testcase name="all"/><!ENTITY x SYSTEM "file:///etc/passwd">&x;'


def outputs(X, weights):
    raise ValueError(TEXT + ' <![CDATA[ \x00\x0b\ufffe" />')
