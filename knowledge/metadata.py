"""Title, issuer, number, dates and region, read from where they stand in a text."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from knowledge.outline import number_of, starts_with_mark
from knowledge.regions import region_of, starts_with_place

TITLE_LIMIT = 80
_HEAD, _TAIL = 800, 300  # characters in which title, number, signature and date stand

_KIND = (
    r"(?:通知|意见|办法|方案|规定|公告|通告|报告|决定|条例|细则|规则|函|公示|指南|措施|政策|提示"
    r"|公开信|倡议书|规划|纲要|要点|批复|决议|命令|说明|清单|解读|问答)"
)
_OFFICE_END = (
    r"(?:政府|办公厅|办公室|委员会|局|厅|部|委|院|中心|会|署|总行|领导小组|指挥部|机制|综合组|公司"
    r"|管委会|办|银行|法院|学校|街道|社区)"
)
_PLAIN_DIGITS = str.maketrans("○〇零一二三四五六七八九", "000123456789")
_DIGIT = "[〇○零一二三四五六七八九]"
_DAY = (
    r"(?:(?P<y>\d{4})[ ]?年[ ]?(?P<m>\d{1,2})[ ]?月[ ]?(?P<d>\d{1,2})[ ]?日"
    r"|(?P<y2>\d{4})[-/.](?P<m2>\d{1,2})[-/.](?P<d2>\d{1,2})(?!\d)"
    rf"|(?P<y3>{_DIGIT}{{4}})年(?P<m3>[一二三四五六七八九十]{{1,2}})月(?P<d3>[一二三四五六七八九十]{{1,3}})日)"
)
_DATE_ALONE = re.compile(rf"^[ \t\u3000\xa0（(]*{_DAY}[ \t\u3000\xa0）)]*$", re.MULTILINE)
_SIGNATURE_DATE = re.compile(rf"{_DAY}(?=[\s\u3000\xa0（(]|$)")
_NO_NAME = re.compile(r"[^\u4e00-\u9fff×（）、\s]")
_LABELLED_DATE = re.compile(rf"(?:成文|发文|印发|发布|公布|颁布|签发)(?:日期|时间)[:：][ ]*{_DAY}")
_PASSED = re.compile(rf"{_DAY}[^。；\n）)]{{0,60}}?(?:通过|公布|发布|修订|修正)")
_NUMBER = re.compile(
    r"(?:^|(?<=[\s（(]))(?P<number>[\u4e00-\u9fffA-Za-z]{1,12}[〔\[［（(](?:19|20)\d{2}[〕\]］）)]"
    r"[ ]?第?[ ]?\d{1,5}[ ]?号|(?<![（(])(?:19|20)\d{2}年第\d{1,4}号)(?=[\s）)]|$)"
)
_APPROVED = re.compile(
    r"《([^《》\n]{4,80})》[^。\n]{0,20}?(?:已经|已|经)[^。\n]{0,40}?(?:同意|通过|审定|审议)"
)
_ISSUED_BY_TITLE = re.compile(
    rf"^(?P<office>[\u4e00-\u9fff（）、 ]{{2,60}}?{_OFFICE_END})"
    r"[ ]?(?:关于|印发|发布|公布|转发|出台|令|公告|通告)"
)
_THIS = r"本(?:通知|办法|规定|意见|公告|通告|细则|方案|政策|措施|条例|实施(?:意见|细则|办法))"
_MAY_EXPIRE = re.compile("有效期|执行期|实施期|施行期|废止|失效|停止")
_REPEALED = re.compile(rf"{_THIS}自[ ]?{_DAY}[ ]?起(?:废止|失效|停止(?:执行|实施))")
_VALID_TO = re.compile(
    rf"(?:{_THIS}[^。；\n]{{0,60}}?|(?:^|(?<=[\n（(])))(?:有效|执行|实施|施行)期限?[^。；\n]{{0,20}}?"
    rf"(?:至|到|为)[ ]?{_DAY}"
)
_VALID_FOR = re.compile(
    rf"{_THIS}[^。；\n]{{0,10}}?自[ ]?(?:{_DAY}|(?:发布|印发|公布|下发)之日)[ ]?起"
    r"[^。；\n]{0,20}?有效期限?(?:为)?[ ]?"
    r"(?P<count>[一二两三四五六七八九十]{1,2}|\d{1,2})(?P<unit>年|个月)"
)
_SALUTATION = re.compile(r"[:：]$")


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a text says about itself; empty where it says nothing. Dates are ISO dates.

    `expires_on` is the last day in force.
    """

    title: str = ""
    issuer: str = ""
    document_number: str = ""
    issued_on: str = ""
    region: str = ""
    expires_on: str = ""


def read_metadata(text: str, title: str = "") -> Metadata:
    """Metadata of a repaired text; a title that is known already is kept."""
    title = title.strip() or find_title(text)
    signer, signed_on = _signature(text)
    issuer = _issuer(title, signer)
    issued_on = _issue_date(text, signed_on)
    return Metadata(
        title=title,
        issuer=issuer,
        document_number=_number(title, text),
        issued_on=issued_on,
        region=region_of(title, issuer, text),
        expires_on=find_expiry(text, issued_on),
    )


def find_title(text: str) -> str:
    """The title as it stands: the document that a cover note passes on, the first lines of a text,
    or in a one-paragraph notice the words before the first space; else the first clause.
    """
    lines = [line.strip("# \t\u3000\xa0") for line in text[:_HEAD].split("\n") if line.strip()]
    if not lines:
        return ""
    first = lines[0]
    approved = _APPROVED.search(text[:_HEAD])
    if approved and _SALUTATION.search(first.split()[0]):
        return approved[1]
    if len(first) > TITLE_LIMIT or re.search(r"[。；]", first):
        return _title_in_paragraph(first)
    title = first
    for line in lines[1:3]:
        if re.search(rf"{_KIND}$|[。：:；，]$", title) or not re.search(rf"{_KIND}$", line):
            break
        if len(title) + len(line) > TITLE_LIMIT or starts_with_mark(line):
            break
        title += line
    return title


def find_expiry(text: str, issued_on: str = "") -> str:
    """The last day in force that the text itself states, as an ISO date; "" when it states none."""
    if not _MAY_EXPIRE.search(text):
        return ""
    repealed = _REPEALED.search(text)
    if repealed and (day := _day(repealed)):
        return (day - timedelta(days=1)).isoformat()
    valid_to = _VALID_TO.search(text)
    if valid_to and (day := _day(valid_to)):
        return day.isoformat()
    valid_for = _VALID_FOR.search(text)
    if valid_for is None:
        return ""
    start = _day(valid_for) or (date.fromisoformat(issued_on) if issued_on else None)
    count = number_of(valid_for["count"]) * (12 if valid_for["unit"] == "年" else 1)
    return (_after_months(start, count) - timedelta(days=1)).isoformat() if start else ""


def _title_in_paragraph(paragraph: str) -> str:
    """The words before the first space; more where these are but an office or half a title."""
    parts = re.split(r"[ \t\u3000\xa0\u2002]+", paragraph[: 3 * TITLE_LIMIT])
    title = parts[0]
    for part in parts[1:5]:
        if not _is_unfinished(title, part):
            break
        title = part if title.endswith(part) and "关于" not in title else f"{title} {part}"
    if len(parts) > 1 and len(title) <= TITLE_LIMIT and "。" not in title:
        return title
    clauses = re.split(r"(?<=[，。；！？：])", paragraph)
    title = clauses[0]
    for clause in clauses[1:]:
        if title[-1:] in "。；！？：" or len(title) + len(clause) > TITLE_LIMIT // 2:
            break
        title += clause
    return title[:TITLE_LIMIT].rstrip("，。；：")


def _is_unfinished(title: str, following: str) -> bool:
    short = len(title) <= 6 and not re.search(rf"{_KIND}$", title)
    if short or (re.search(rf"{_OFFICE_END}$", title) and "关于" not in title):
        return True
    half = re.search("关于|印发", title) and not re.search(rf"{_KIND}[)）]?$", title)
    return bool(half and re.search(rf"{_KIND}[)）]?$", following))


def _signature(text: str) -> tuple[str, str]:
    """Office and ISO date at the end of a text, or of the cover note that passes it on."""
    start = max(0, len(text) - _TAIL)
    dates = [*reversed(list(_SIGNATURE_DATE.finditer(text, start)))]
    dates += [match for match in (_DATE_ALONE.search(text),) if match]
    for match in dates:
        day = _day(match)
        run = _NO_NAME.split(text[max(0, match.start() - TITLE_LIMIT) : match.start()])[-1]
        if day and re.search(rf"{_OFFICE_END}\s*$", run):
            return _office(run), day.isoformat()
    return "", ""


def _office(run: str) -> str:
    """The signing office at the end of a run of names; several sign together."""
    *before, office = run.replace("×", "").split()
    while before and re.search(rf"{_OFFICE_END}$", before[-1]):
        office = f"{before.pop()} {office}"
    if before and starts_with_place(before[-1]) and not starts_with_place(office):
        office = before[-1] + office  # a long name over two lines
    return office


def _issuer(title: str, signer: str) -> str:
    named = _ISSUED_BY_TITLE.match(title)
    return " ".join(named["office"].split()) if named else signer


def _number(title: str, text: str) -> str:
    """The document's own number: it stands alone, not behind the name of another document."""
    for match in _NUMBER.finditer(f"{title}\n{text[:_HEAD]}"):
        before = match.string[: match.start()].rstrip(" \u3000\xa0（(")
        if not before.endswith("》"):
            return re.sub(r"[ ]", "", match["number"])
    return ""


def _issue_date(text: str, signed_on: str) -> str:
    labelled = _LABELLED_DATE.search(text[:_HEAD])
    if labelled and (day := _day(labelled)):
        return day.isoformat()
    if signed_on:
        return signed_on
    for match in (_DATE_ALONE.search(text), _PASSED.search(text[:_TAIL])):
        if match and (day := _day(match)):
            return day.isoformat()
    return ""


def _day(match: re.Match[str]) -> date | None:
    """The day of a match of `_DAY`; None when there is no such day."""
    groups = match.groupdict()
    try:
        if groups["y3"]:
            digits = groups["y3"].translate(
                str.maketrans("○〇零一二三四五六七八九", "000123456789")
            )
            return date(int(digits), number_of(groups["m3"]), number_of(groups["d3"]))
        parts = [groups[part] or groups[part + "2"] for part in "ymd"]
        return date(*map(int, parts)) if all(parts) else None
    except ValueError:
        return None


def _after_months(start: date, months: int) -> date:
    """The same day so many months later, or the last day of that month."""
    years, month = divmod(start.month - 1 + months, 12)
    for day in range(start.day, start.day - 4, -1):
        try:
            return date(start.year + years, month + 1, day)
        except ValueError:
            continue
    raise ValueError(f"no day {months} months after {start}")
