"""Writes Fixtures/templates.json: templates, values, and what transformers' own environment of Jinja makes of them.

make_fixtures.py, with transformers and jinja2 installed. Written for these tests; none is a model's own.
"""
import json
import os

from transformers.utils.chat_template_utils import _compile_jinja_template

MESSAGES = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "  What's \"up\"?\nTwo lines.  "},
    {"role": "assistant", "content": "All's <well> & good – naïve 😀.", "tool_calls": [
        {"type": "function", "function": {"name": "look", "arguments": {"place": "Łódź", "days": 3, "exact": True, "x": None}}}]},
    {"role": "tool", "name": "look", "content": "12.5"},
    {"role": "user", "content": [{"type": "text", "text": "And now?"}, {"type": "image"}]},
]
TOOLS = [{"type": "function", "function": {"name": "look", "description": "Looks.", "parameters": {
    "type": "object", "properties": {"place": {"type": "string"}, "days": {"type": "integer"}}, "required": ["place"]}}}]
VALUES = {"bos_token": "<s>", "eos_token": "</s>", "flag": True, "number": 7, "share": 2.5, "words": ["b", "a", "c", "B"],
          "pairs": {"one": 1, "two": [1, 2.0, "x'y", None, False]}, "empty": "", "none_value": None, "wide": "a\tb\\c"}

TEMPLATES = """
{{ bos_token }}{% for m in messages %}<|{{ m.role }}|>{{ m['content'] }}{{ eos_token }}{% endfor %}
{%- for m in messages %}
    {%- if m.role == 'system' -%}
        [{{ m.content | trim }}]
    {%- elif loop.first or loop.last %}
        ({{ loop.index }}/{{ loop.length }} {{ m.role }})
    {%- else %}
        {{- loop.index0 }}:{{ m.content | length }}
    {%- endif %}
{%- endfor %}
---
{% for m in messages %}
  {% if m.role == 'user' %}
    user: {{ m.content }}
  {% endif %}
{% endfor %}
end
---
a
  {# a comment #}
b {# another #} c
{#- cuts -#}
  d
---
  {% set x = 1 %}
x{{ x }}  {%- set y = 2 -%}  {{ y }}
{%+ set z = 3 %}
{{ z }}
{% set w = 4 +%}
{{ w }}
---
{% raw %}{{ not run }} {% if %}{% endraw %}
tail
---
{% set ns = namespace(system='', count=0) %}{% for m in messages %}{% if m.role == 'system' %}{% set ns.system = m.content %}{% endif %}{% set ns.count = ns.count + 1 %}{% set inner = 1 %}{% endfor %}{{ ns.system }}{{ ns.count }}{{ inner is defined }}
---
{% macro show(m, mark='*', tail='') %}{{ mark }}{{ m.role }}{{ tail }}{% endmacro %}{{ show(messages[0]) }}{{ show(messages[1], mark='+') }}{{ show(messages[-1], '!', tail='?') }}
---
{% macro kind(t) -%}{%- if t is string -%}{{ t }}{%- else -%}{%- for p in t -%}{{ kind(p) }}{{ ',' if not loop.last }}{%- endfor -%}{%- endif -%}{%- endmacro %}{{ kind(['a', ['b', ['c', 'd']], 'e']) }}
---
{{ tools | tojson }}|{{ tools | tojson(indent=2) }}|{{ messages[2].tool_calls[0].function.arguments | tojson }}|{{ pairs }}|{{ words }}
---
{{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 ** 10 }} {{ 2 ** -1 }} {{ 1 + 2 * 3 - 4 }} {{ 'a' ~ 1 ~ none ~ true }} {{ 'ab' * 3 }} {{ 10 / 5 }} {{ 1e3 }} {{ 2.50 }} {{ -number }} {{ 7.5 % 2 }} {{ -7.5 // 2 }}
---
{{ 1 == 1.0 }} {{ true == 1 }} {{ 'a' < 'b' }} {{ 1 < 2 < 3 }} {{ 1 < 2 > 5 }} {{ 'x' in 'xyz' }} {{ 'q' not in 'xyz' }} {{ 2 in [1, 2] }} {{ 'one' in pairs }} {{ not 1 in [2] }} {{ [1, 2] == [1, 2.0] }} {{ {'a': 1} == {'a': 1} }} {{ none == false }}
---
{{ 'yes' if flag else 'no' }} {{ 'only' if empty }} {{ flag and number }} {{ empty or 'stands in' }} {{ not flag }} {{ not not number }} {{ (1 if false else 2) + 1 }} {{ 'a' if false else 'b' if false else 'c' }}
---
{{ words[0] }}{{ words[-1] }}{{ words[1:] }}{{ words[:-1] }}{{ words[::-1] }}{{ words[::2] }}{{ 'hello'[1:3] }}{{ 'hello'[::-1] }}{{ 'hello'[-3:] }}{{ messages[1:][0].role }}{{ words[9] is defined }}{{ words[5:] }}
---
{% for k, v in pairs.items() %}{{ k }}={{ v }};{% endfor %}{% for k in pairs %}{{ k }}{% endfor %}{% for k, v in pairs | items %}{{ k }}{% endfor %}{% for k, v in pairs | dictsort(reverse=true) %}{{ k }}{% endfor %}{{ pairs.keys() | list }}{{ pairs.get('three', 3) }}{{ pairs.get('three') }}{{ pairs.one }}
---
{% for x in words if x != 'a' %}{{ loop.index }}{{ x }}{% if not loop.last %}, {% endif %}{% endfor %}{% for x in [] %}x{% else %}nothing{% endfor %}{% for x in words %}{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }}{{ loop.revindex }}{{ loop.cycle('o', 'e') }} {% endfor %}
---
{% for x in range(10) %}{% if x == 2 %}{% continue %}{% endif %}{% if x == 5 %}{% break %}{% endif %}{{ x }}{% endfor %}{{ range(3) | list }}{{ range(5, 0, -2) | list }}
---
{{ '  x '.strip() }}|{{ 'xxaxx'.strip('x') }}|{{ 'xa'.lstrip('x') }}|{{ 'a\\n'.rstrip('\\n') }}|{{ 'a,b,c'.split(',') }}|{{ 'a,b,c'.split(',', 1) }}|{{ ' a  b '.split() }}|{{ 'a,b,c'.rsplit(',', 1) }}|{{ 'abc'.startswith('ab') }}|{{ 'abc'.endswith(('x', 'c')) }}|{{ 'a-b-c'.replace('-', '+', 1) }}|{{ 'aXb'.lower() }}|{{ 'hello world'.title() }}|{{ 'ABC def'.capitalize() }}|{{ ', '.join(words) }}|{{ 'banana'.count('an') }}|{{ 'banana'.find('n') }}|{{ '12'.isdigit() }}|{{ 'a</think>b</think>c'.split('</think>')[-1] }}|{{ 'ab'.replace('', '-') }}
---
{{ words | join('-') }}|{{ words | first }}|{{ words | last }}|{{ words | sort }}|{{ words | sort(reverse=true) }}|{{ words | unique | list }}|{{ words | reverse | list }}|{{ words | map('upper') | list }}|{{ messages | map(attribute='role') | join(',') }}|{{ messages | selectattr('role', 'equalto', 'user') | list | length }}|{{ messages | rejectattr('role', 'in', ['user', 'tool']) | map(attribute='role') | list }}|{{ [0, 1, '', 'x'] | select | list }}|{{ [1, 2, 3] | reject('odd') | list }}|{{ none_value | selectattr('x') | list | length }}|{{ [3, 1, 2] | max }}|{{ [3, 1, 2] | min }}|{{ [1, 2.5] | sum }}|{{ messages | sum(attribute='content.x') if false else 'none' }}
---
{{ missing | default('x') }}|{{ empty | default('x') }}|{{ empty | default('x', true) }}|{{ missing is defined }}|{{ missing }}|{{ none_value }}|{{ none_value is none }}|{{ number | string | length }}|{{ '3' | int + 1 }}|{{ 'x' | int(5) }}|{{ '2.7' | float }}|{{ 2.7 | int }}|{{ -3 | abs }}|{{ 2.567 | round(2) }}|{{ 2.5 | round }}|{{ 'a b' | capitalize }}|{{ 'x\\ny' | indent(2) }}|{{ 'x\\ny' | indent(2, true) }}|{{ 'aXa' | replace('a', 'b') }}
---
{{ words is sequence }}{{ pairs is mapping }}{{ 'x' is string }}{{ 1 is number }}{{ 1.5 is float }}{{ 1 is integer }}{{ true is boolean }}{{ words is iterable }}{{ 3 is odd }}{{ 4 is even }}{{ 9 is divisibleby 3 }}{{ 1 is eq 1 }}{{ 2 is in [1, 2] }}{{ none is not none }}{{ true is true }}{{ 1 is true }}{{ 'ab' is lower }}{{ raise_exception is callable }}{{ x is undefined }}
---
{% set a, b = 1, 'two' %}{{ b }}{{ a }}{% set t = (1, 2) %}{{ t[1] }}{% set block %}in {{ a }} block{% endset %}{{ block | upper }}{% filter upper %}shout {{ b }}{% endfilter %}
---
{%- if tools is not none and tools | length > 0 %}{%- for tool in tools %}{{- '\\n' + (tool | tojson) }}{%- endfor %}{%- endif %}{% if not add_generation_prompt is defined %}no{% endif %}{% if add_generation_prompt %}<|assistant|>{% endif %}
---
{% for message in messages %}{% generation %}{{ message.role }}{% endgeneration %}{% endfor %}
---
{{ "double 'quotes'" }} {{ 'it\\'s' }} {{ "tab\\tend" }} {{ '\\u00e9\\x41' }} {{ wide }} {{ [wide, "it's", 'say "x"', 'both \\' "'] }}
---
{{- 'cut' -}}
    after
{{ 'kept' }}
    after
---
{% if messages[0].content is string %}s{% else %}l{% endif %}{% for part in messages[4].content %}{% if part.type == 'text' %}{{ part.text }}{% else %}<{{ part['type'] }}>{% endif %}{% endfor %}
---
{{ dict(a=1, b=[2]) }} {{ {'k': {'n': none}} | tojson }}
---
{{ raise_exception('Roles must alternate') }}
---
{{ missing.member }}
---
{{ 1 + 'a' }}
---
{{ words | nosuchfilter }}
---
{% nosuch %}
---
{% if flag %}open
---
{{ 1 + }}
---
{{ 'no end }}
---
{{ range(1000000) | list | length }}
---
{{ strftime_now('%d %b') }}
""".strip("\n")


def main():
    cases = []
    # The first two stand in one: a template may be many lines.
    for source in TEMPLATES.split("\n---\n"):
        for generation in (True, False):
            values = dict(VALUES, messages=MESSAGES, tools=TOOLS if generation else None, documents=None,
                          add_generation_prompt=generation)
            if "strftime_now" in source:
                expected = {"text": "26 Nov"}
            else:
                try:
                    expected = {"text": _compile_jinja_template(source).render(**values)}
                except Exception as error:  # Jinja's, of many kinds
                    expected = {"error": str(error).split("\n")[0]}
            cases.append({"template": source, "generation": generation, **expected})
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "Fixtures", "templates.json"), "w", encoding="utf-8") as file:
        json.dump({"messages": MESSAGES, "tools": TOOLS, "values": VALUES, "cases": cases}, file, ensure_ascii=False, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
