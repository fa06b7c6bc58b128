"""When a service found is near enough to be shown, and when it is clear enough to be shown alone.

How high chance likenesses score depends on the encoder and on how many services there are. So
the measure is taken from texts that ask for no service at all: what they score by chance is the
noise that a true answer must rise above.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]

NO_SERVICE = (
    "今天天气怎么样", "给我讲个笑话", "红烧肉怎么做好吃", "推荐一部电视剧", "我女朋友生气了",
    "足球比赛谁赢了", "量子力学是什么", "周杰伦的新歌", "怎么减肥最快", "帮我写一首诗",
    "北京到上海多远", "这个手机好用吗", "小说写到哪一章了", "股票今天涨了没", "英语单词怎么背",
    "做梦梦见掉牙", "游戏打不过去", "哪家奶茶好喝", "猫粮买什么牌子", "旅游去哪里好玩",
    "人工智能会取代人吗", "头发掉得厉害", "晚上睡不着觉", "电脑蓝屏了", "裙子怎么搭配",
    "地球有多大", "吉他怎么入门", "咖啡喝多了心慌", "明星结婚了吗", "面试穿什么",
)  # fmt: skip
"""Chat that no directory answers."""

# In deviations of the noise; set so that 2 of 100 answerable questions are lost, see docs.
_NEAR = 1.0
_MIN_DEVIATION = 0.05
_SURE_ABOVE_NEAR = 0.06
_CLEAR_MARGIN = 0.04
_RIVAL_MARGIN = 0.10
_SLOPE = 20.0


@dataclass(frozen=True, slots=True)
class Decision:
    """Thresholds of one directory and encoder, in units of the finder's scores."""

    near: float

    @classmethod
    def above_noise(cls, chance_scores: Scores) -> "Decision":
        """From the best score of each text of `NO_SERVICE`, `(n,) float32`."""
        deviation = max(_MIN_DEVIATION, float(chance_scores.std()))
        return cls(float(chance_scores.mean()) + _NEAR * deviation)

    def count(self, scores: Scores) -> int:
        """How many of the best services (scores highest first, at most three) to show: 0 to 3.

        A best service that is only just near enough is offered among others, not asserted.
        """
        if not len(scores) or scores[0] < self.near:
            return 0
        behind = scores[0] - scores[1:]
        is_sure = scores[0] >= self.near + _SURE_ABOVE_NEAR
        if not len(behind) or (is_sure and behind[0] >= _CLEAR_MARGIN):
            return 1
        return max(2, 1 + int(np.sum(behind < _RIVAL_MARGIN)))

    def probability(self, score: float) -> float:
        """Logistic curve, one half where nothing would be shown any more."""
        return float(1 / (1 + np.exp(-_SLOPE * (score - self.near))))
