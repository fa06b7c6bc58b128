"""What a web site adds to a document or takes away from it: menus, paywalls, advertising, outlines.

Every rule takes the text in simplified characters and gives it back with what it took out. Where
a part of the document itself is missing, the text gets a mark (see `knowledge.gaps`).
"""

import re
from dataclasses import dataclass

from knowledge.gaps import MARK, mark
from knowledge.outline import number_of

_CUT_INSIDE = re.compile(
    r"\n?[ \t]*[.…]*[ \t]*[（(][^（()）\n]{0,60}?省略[ \t]*(\d+)[ \t]*字"
    r"[^（()）\n]{0,40}[）)][ \t]*[.…]*[ \t]*"
)
_CUT_END = re.compile(
    r"[ \t]*[.…]*[ \t]*[（(]未完[，,][ \t]*全文共[ \t]*(\d+)[ \t]*字[，,][^\d\n]{0,10}(\d+)[ \t]*字"
    r"(?:[，,][^\n。]*[。.]?)?"
)
_FAVOURITE = re.compile(
    r"(?:^|\n|(?<=[。.…）)\x1f]))[ \t]*收藏《([^》\n]{2,80})》[ \t]*[）)]?[ \t]*(?=\n|$)"
)
_PUBLISHED = re.compile(
    r"^[ \t]*(?:发表|发布|更新)(?:时间|日期)[:：][ \t]*(\d{4})[/年.-](\d{1,2})[/月.-](\d{1,2})日?"
    r"(?:[ \t]+\d{1,2}:\d{2}(?::\d{2})?)?[ \t]*$\n?",
    re.MULTILINE,
)
_SITE_LINE = re.compile(
    r"^[ \t]*(?:"
    r"(?:您的|您现在的|当前|你的)位置[:：].*"
    r"|首页[ \t]*[>＞»›].*"
    r"|(?:文章搜索|相关文章|相关阅读|相关链接|热门文章|推荐阅读|返回顶部|返回首页|打印本页|关闭窗口"
    r"|扫一扫在手机打开当前页|上一页|下一页|分享到)[:：]?"
    r"|(?:上一篇|下一篇)[:：].*"
    r"|【?字体[:：][ \t]*[大中小 \t]+】?.*"
    r"|.{0,40}ICP备\d+号.*"
    r"|版权所有.{0,60}"
    r")[ \t]*$\n?",
    re.MULTILINE,
)
_DISCLAIMER = re.compile(
    r"^[ \t]*(?:(?:文章)?来源[:：]\S{0,20}[ \t]*)?(?:免责|版权|特别)?声明[:：].{0,200}"
    r"(?:版权|侵权|删除|转载|学习|立场).*$\n?",
    re.MULTILINE,
)
_GAMBLING = r"(?:\d{0,4}bet\d{0,4}|彩票|博彩|投注|娱乐城|百家乐|老虎机|棋牌|赌场|足球网)"
_SPAM_WORD = rf"(?:{_GAMBLING}|开户|下载|app|APP|官网)"
_NAME = re.compile(r"[^\s，。；：、（）(),:;《》“”]+")
_OFFICE = re.compile(
    r"(?:省|市|区|县)?(?:人民政府|人民代表大会|政协|委员会|[\u4e00-\u9fff]{0,6}(?:办公厅|办公室|局))"
)
_OUTLINE_HEAD = re.compile(
    r"^[ \t]*目录(?:[ \t]*/[ \t]*提纲)?[:：]?[ \t]*[.…]*[ \t]*\n", re.MULTILINE
)
_OUTLINE_LINES = 80


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A text after one rule, the pieces that went, and a hint (a title or an ISO date)."""

    text: str
    removed: tuple[str, ...] = ()
    hint: str = ""


def mark_cut_sections(text: str) -> Cleaned:
    """Paywall notes inside a document, "……(…省略353字…)……", become an ellipsis and a gap."""
    if "省略" not in text:
        return Cleaned(text)
    removed = tuple(match[0].strip() for match in _CUT_INSIDE.finditer(text))
    note = r"原文这里缺约 {} 字"
    text = _CUT_INSIDE.sub(lambda match: "……" + mark(note.format(match[1])), text)
    return Cleaned(text, removed)


def mark_cut_end(text: str) -> Cleaned:
    """The note that a document goes on for paying members, "(未完,全文共…", becomes a gap."""
    if "未完" not in text:
        return Cleaned(text)
    removed = tuple(match[0].strip() for match in _CUT_END.finditer(text))
    note = "原文到这里中断：全文 {} 字，只有 {} 字"
    text = _CUT_END.sub(lambda match: "……" + mark(note.format(match[1], match[2])) + "\n", text)
    return Cleaned(text, removed)


def remove_favourite(text: str) -> Cleaned:
    """The button "收藏《title》" goes; it says what the title is."""
    match = _FAVOURITE.search(text) if "收藏《" in text else None
    if match is None:
        return Cleaned(text)
    return Cleaned(_FAVOURITE.sub("", text), (match[0].strip(),), match[1])


def remove_publication_line(text: str) -> Cleaned:
    """The line "发表时间：2009/7/4 10:05:32" goes; its date is kept as a hint."""
    match = _PUBLISHED.search(text)
    if match is None:
        return Cleaned(text)
    date = f"{int(match[1]):04}-{int(match[2]):02}-{int(match[3]):02}"
    return Cleaned(_PUBLISHED.sub("", text), (match[0].strip(),), date)


def remove_site_lines(text: str) -> Cleaned:
    """Navigation, search, neighbouring articles, imprint and disclaimers."""
    removed: list[str] = []
    for pattern in (_SITE_LINE, _DISCLAIMER):
        removed += (match[0].strip() for match in pattern.finditer(text))
        text = pattern.sub("", text)
    return Cleaned(text, tuple(removed))


def mark_spam_names(text: str) -> Cleaned:
    """Advertising that a hacked page put in the place of a name becomes ×× and a gap.

    One word such as 彩票 may be meant; two kinds of them before an office are not.
    """
    if not re.search(_SPAM_WORD, text):
        return Cleaned(text)
    removed: list[str] = []

    def replaced(match: re.Match[str]) -> str:
        words = list(re.finditer(_SPAM_WORD, match[0]))
        gambling = any(re.search(_GAMBLING, word[0]) for word in words)
        if not gambling or len({word[0] for word in words}) < 2:
            return match[0]
        spam, office = match[0][: words[-1].end()], match[0][words[-1].end() :]
        if not _OFFICE.match(office):
            return match[0]
        removed.append(spam)
        return "××" + mark("这里的名称被广告换掉了，原名不详") + office

    return Cleaned(_NAME.sub(replaced, text), tuple(removed))


def remove_outline(text: str) -> Cleaned:
    """The outline that a site repeats before the body goes, but for headings that the body lacks.

    Those stand for cut sections: each moves to the gap between its neighbours in the body, or
    stays on top where no gap is known, with a mark of its own.
    """
    head = _OUTLINE_HEAD.search(text)
    if head is None:
        return Cleaned(text)
    headings, body_start = _outline_lines(text, head.end())
    if not headings:
        return Cleaned(text)
    body = text[body_start:]
    found = [_find_heading(body, heading) for heading in headings]
    kept: list[str] = []
    inserts: dict[int, list[str]] = {}
    for index, heading in enumerate(headings):
        if found[index] >= 0:
            continue
        line = heading + "……" + mark("提纲里有这一节，正文缺失")
        gap = _gap_between(body, found, index)
        if gap < 0:
            kept.append(line)
        else:
            inserts.setdefault(gap, []).append(line)
    for gap, lines in sorted(inserts.items(), reverse=True):
        before, rest = _without_stub(body[:gap], lines[0]), body[gap:]
        body = "\n".join([before, *lines]) + ("" if rest.startswith("\n") else "\n") + rest
    removed = tuple(heading for heading, at in zip(headings, found, strict=True) if at >= 0)
    top = "".join(line + "\n" for line in kept)
    return Cleaned(text[: head.start()] + top + body.lstrip("\n"), removed)


def _without_stub(before: str, heading: str) -> str:
    """Take out what is left of a heading before a gap, when the whole heading is put after it."""
    line_start = before.rfind("\n") + 1
    stub = "".join(re.findall(r"\w", MARK.sub("", before[line_start:])))
    if not stub or not "".join(re.findall(r"\w", heading)).startswith(stub):
        return before
    marks = "".join(match[0] for match in MARK.finditer(before, line_start))
    return before[: max(0, line_start - 1)] + marks


def _outline_lines(text: str, start: int) -> tuple[list[str], int]:
    """The lines of the outline up to the line of dots that ends it, and where the body starts."""
    headings: list[str] = []
    position = start
    for line in text[start:].split("\n")[:_OUTLINE_LINES]:
        position += len(line) + 1
        plain = line.strip()
        if re.fullmatch(r"[.…·]{2,}", plain):
            return headings, min(position, len(text))
        if len(plain) > 120:
            break
        if plain:
            headings.append(plain)
    return _numbered_run(text, start)


def _numbered_run(text: str, start: int) -> tuple[list[str], int]:
    """An outline without an end mark: numbered lines, until 一、 comes a second time."""
    headings: list[str] = []
    position = start
    for line in text[start:].split("\n")[:_OUTLINE_LINES]:
        numbered = re.match(r"\s*(?:第?([一二三四五六七八九十]{1,3})[、章节]|[（(])", line)
        again = numbered and numbered[1] and number_of(numbered[1]) == 1 and len(headings) > 1
        if line.strip() and (not numbered or again or len(line) > 60):
            break
        headings += [line.strip()] if line.strip() else []
        position += len(line) + 1
    return headings, min(position, len(text))


def _find_heading(body: str, heading: str) -> int:
    """Where the body has the heading, whatever the punctuation; -1 where it has not."""
    words = re.findall(r"[\w]+", heading)
    if not words:
        return 0
    pattern = r"[^\w\n]*".join(re.escape(word) for word in words)
    match = re.search(pattern, body)
    return match.start() if match else -1


def _gap_between(body: str, found: list[int], index: int) -> int:
    """The end of the last gap between the nearest headings that the body has; -1 without one."""
    before = max((at for at in found[:index] if at >= 0), default=0)
    after = min((at for at in found[index + 1 :] if at > before), default=len(body))
    gaps = [match.end() for match in MARK.finditer(body, before, after)]
    return gaps[0] if gaps else -1
