"""All that can be set, from environment variables `LINLI_*` and a file `.env`."""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from platformdirs import user_cache_path
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "LINLI_"


REASONS = {
    "int_parsing": "应当是整数",
    "float_parsing": "应当是数字",
    "greater_than": "应当大于 {gt}",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "literal_error": "只能是 {expected}",
}
"""What is wrong with a value, by pydantic's type of error."""


class SettingsError(Exception):
    """One or more settings are wrong; the message lists all of them."""


def default_cache() -> Path:
    """Where build artefacts lie: in the virtual environment, else in the user's cache."""
    inside = Path(sys.prefix) / "share" / "linli"
    writable = sys.prefix != sys.base_prefix and os.access(sys.prefix, os.W_OK)
    return inside if writable else user_cache_path("linli")


class Settings(BaseSettings):
    """Frozen settings; units stand in the names, secrets are hidden in the repr."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True
    )

    home: Path = Field(Path("var"), description="数据目录：数据库、索引、附件")
    cache: Path = Field(default_factory=default_cache, description="构建产物目录，可随时删除")
    time_zone: str = Field("Asia/Shanghai", description="显示时间所用的时区")
    neighbourhood: str = Field("", description="本社区的名称，显示在问候语里")
    hotline: str = Field("12345", description="答不上来时告诉居民的电话")
    region: str = Field("", description="本地区域，如“湖北省武汉市”；别处的规定会注明")

    encoder: str = Field("bundled", description="bundled 或 sentence-transformers:模型名或目录")
    nlu: Literal["embedded", "rasa"] = Field("embedded", description="意图识别引擎")
    rasa_url: str = Field("http://127.0.0.1:5005", description="Rasa 服务地址")
    rasa_timeout_seconds: float = Field(2.0, gt=0, description="等待 Rasa 的时间")

    telegram_token: SecretStr | None = Field(None, description="机器人令牌，由 BotFather 发给")
    telegram_webhook_url: str = Field("", description="公网 https 地址；空则用长轮询")
    telegram_webhook_secret: SecretStr | None = Field(None, description="webhook 校验口令")
    telegram_webhook_host: str = Field("127.0.0.1", description="webhook 监听地址")
    telegram_webhook_port: int = Field(8443, ge=1, le=65535, description="webhook 监听端口")
    telegram_api_url: str = Field("", description="自建 Bot API 服务地址")
    telegram_proxy: SecretStr | None = Field(None, description="访问 Telegram 所用代理")
    telegram_messages_per_second: float = Field(
        30.0, gt=0, description="每秒最多发出的消息数；Telegram 要求不超过 30"
    )

    operations_host: str = Field("127.0.0.1", description="/healthz 与 /metrics 监听地址")
    operations_port: int = Field(
        9464, ge=0, le=65535, description="/healthz 与 /metrics 端口；0 为不开"
    )
    workers: int = Field(0, ge=0, le=64, description="并行处理数；0 为核数")
    log_format: Literal["readable", "json"] = Field("readable", description="日志格式")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="日志级别")

    deadlines: str = Field(
        "", description="各类事项的答复/办结期限，如 general=24h/5wd,complex=24h/30d；空为默认"
    )
    attachment_limit_megabytes: float = Field(20.0, gt=0, description="单个附件大小上限")
    messages_per_minute: int = Field(20, ge=1, description="每人每分钟最多处理的消息数")
    blocked_senders: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="不再理会的用户编号，逗号分隔"
    )

    @field_validator("blocked_senders", mode="before")
    @classmethod
    def _split_senders(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("telegram_token")
    @classmethod
    def _is_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or re.fullmatch(r"\d+:[\w-]+", value.get_secret_value(), re.ASCII):
            return value
        raise ValueError("不像令牌，应当是“数字:字母”，请向 Telegram 的 @BotFather 核对")

    @field_validator("telegram_webhook_secret")
    @classmethod
    def _is_webhook_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or re.fullmatch(r"[\w-]{1,256}", value.get_secret_value(), re.ASCII):
            return value
        raise ValueError("只能用字母、数字、- 和 _，最多 256 个")

    @field_validator("telegram_webhook_url")
    @classmethod
    def _is_https(cls, value: str) -> str:
        if value and not re.match(r"https://[^/\s]+", value):
            raise ValueError("必须以 https:// 开头")
        return value

    @field_validator("telegram_api_url", "rasa_url")
    @classmethod
    def _is_http(cls, value: str) -> str:
        if value and not re.match(r"https?://[^/\s]+", value):
            raise ValueError("必须以 http:// 或 https:// 开头")
        return value

    @field_validator("telegram_proxy")
    @classmethod
    def _is_proxy(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or re.match(r"(https?|socks5h?)://[^/\s]+", value.get_secret_value()):
            return value
        raise ValueError("请写成 http://地址:端口 或 socks5://地址:端口")

    @field_validator("blocked_senders")
    @classmethod
    def _are_numbers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [each for each in value if not each.isdigit()]:
            raise ValueError(f"应当是数字编号：{'、'.join(wrong)}")
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"没有“{value}”这个时区，例如 Asia/Shanghai") from error
        return value

    @field_validator("encoder")
    @classmethod
    def _known_encoder(cls, value: str) -> str:
        if value == "bundled" or value.removeprefix("sentence-transformers:") not in ("", value):
            return value
        raise ValueError("只能是 bundled 或 sentence-transformers:模型名或目录")

    @property
    def zone(self) -> ZoneInfo:
        """The time zone as an object."""
        return ZoneInfo(self.time_zone)

    @property
    def database_path(self) -> Path:
        """The SQLite file."""
        return self.home / "linli.db"

    @property
    def index_root(self) -> Path:
        """Where index snapshots lie."""
        return self.home / "index"

    @property
    def attachments_path(self) -> Path:
        """Where residents' files lie."""
        return self.home / "attachments"


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read settings from `environment` (tests), or from the process's environment and `.env`.

    Raises `SettingsError` that names every faulty variable at once, without showing values.
    """
    try:
        if environment is None:
            return Settings()
        fields = {
            key.removeprefix(PREFIX).lower(): value
            for key, value in environment.items()
            if key.startswith(PREFIX) and value
        }
        return Settings(_env_file=None, **fields)  # type: ignore[arg-type]  # strings, as in os.environ
    except ValidationError as error:
        raise SettingsError(_explain(error)) from error


def _explain(error: ValidationError) -> str:
    lines = ["设置有误，请在环境变量或 .env 文件里改正："]
    for fault in error.errors(include_input=False, include_url=False):
        name = PREFIX + "_".join(str(part) for part in fault["loc"]).upper()
        reason = str(fault["msg"]).removeprefix("Value error, ")
        if words := REASONS.get(fault["type"]):
            reason = words.format(**fault.get("ctx", {})).replace(" or ", " 或 ")
        lines.append(f"  {name}：{reason}")
    return "\n".join(lines)
