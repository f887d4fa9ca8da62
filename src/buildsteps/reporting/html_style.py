"""How the page looks: the reader's own fonts, light or dark as the reader's system is.

Colours keep a contrast of at least 4.5 to 1 for text (WCAG 2.2, 1.4.3) in both; the six of series
also differ for readers who are colour-blind (Okabe and Ito's palette, lightened or darkened).
"""

SERIES_COLOURS = 6
"""Colours of series, `--series-0` and so on; further series begin again."""

STYLE = """
:root { color-scheme: light dark;
  --text: #1c2128; --quiet: #59636e; --page: #ffffff; --card: #f6f8fa; --line: #d1d9e0;
  --good: #116329; --bad: #b3121d; --doubt: #7d4e00; --link: #0550ae;
  --series-0: #0066a6; --series-1: #c04f00; --series-2: #00805c; --series-3: #a8457f;
  --series-4: #7a6a00; --series-5: #2f7fb0; }
@media (prefers-color-scheme: dark) { :root {
  --text: #e6edf3; --quiet: #9da7b3; --page: #0d1117; --card: #161b22; --line: #30363d;
  --good: #56d364; --bad: #ff7b72; --doubt: #e3b341; --link: #79b8ff;
  --series-0: #58b4f0; --series-1: #ff9f5a; --series-2: #3fcf9f; --series-3: #e89ac7;
  --series-4: #e8d84a; --series-5: #9fd3f5; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem 1rem 3rem; background: var(--page);
  color: var(--text); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.15rem; margin: 2rem 0 .75rem; }
p, ul { margin: .5rem 0; }
a { color: var(--link); }
pre { margin: .5rem 0 0; padding: .75rem; overflow-x: auto; overflow-wrap: normal;
  background: var(--card); border: 1px solid var(--line); border-radius: 6px; }
pre.prose { white-space: pre-wrap; }
pre, code { font: .85rem/1.45 ui-monospace, monospace; }
header { border-left: .4rem solid var(--doubt); padding: .25rem 0 .25rem 1rem; }
header.passed { border-color: var(--good); }
header.stopped { border-color: var(--bad); }
.passed .word, .word.passed { color: var(--good); }
.stopped .word, .word.failed, .word.critical, .word.high { color: var(--bad); }
.word { color: var(--doubt); font-weight: 600; }
.word.skipped, .word.info, .word.low, .quiet { color: var(--quiet); }
.word.skipped, .word.info, .word.low { font-weight: 400; }
article { border: 1px solid var(--line); border-radius: 6px; padding: .6rem .9rem;
  margin: .6rem 0; }
article p { margin: .25rem 0; }
.findings > section { border-top: 1px solid var(--line); margin-top: .6rem; padding-top: .4rem; }
.standing { font-size: 1rem; margin: 1rem 0 0; }
.standing td { font-weight: 600; padding-right: 2rem; border-bottom: none; }
.standing th { font-weight: 400; padding-right: 2rem; border-bottom: none; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0;
  border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
th { color: var(--quiet); font-weight: 600; }
td { white-space: pre-wrap; }
th, .short td { white-space: pre; }
.numbers th, .numbers td { text-align: right; padding: .15rem .75rem; }
summary { cursor: pointer; color: var(--quiet); }
figure { margin: 0 0 1.5rem; }
figcaption { font-weight: 600; }
figure svg { display: block; width: 100%; min-width: 48rem; height: auto; }
.along { font-size: .9rem; margin: 0; text-align: center; }
figure svg text { font-family: inherit !important; }
.legend { display: flex; flex-wrap: wrap; gap: 0 1.25rem; list-style: none; padding: 0;
  font-size: .9rem; }
.key { display: inline-block; width: 1.5rem; margin-right: .4rem; vertical-align: middle;
  border-top: 3px solid; }
.key.level { border-top-style: dashed; }
@media print { body { max-width: none; } article, figure { break-inside: avoid; } }
"""
