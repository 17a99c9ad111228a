package recordbatch

import (
	"fmt"
	"strings"
	"testing"

	"csatflow/schemas/reasons"
)

func TestWhyABatchIsUnreadableIsWordedInChineseToo(t *testing.T) {
	h := header{base: 7, last: 9, count: 3}
	for why, part := range map[error]string{
		errTooLarge: "解压后超过",
		&badContent{fmt.Errorf("decompressing %s: %w", "zstd", errShort)}: "解压 zstd 时出错",
	} {
		text := h.unreadable(120, why).Error()
		if r, _ := reasons.Read(text); r != reasons.Unreadable {
			t.Errorf("%q is no reason", text)
		}
		if got := reasons.Chinese(text); !strings.HasPrefix(got, "偏移量 7 至 9 的批次（3 条消息，存储 120 字节）无法读取："+part) {
			t.Errorf("%q is %q", text, got)
		}
	}
}
