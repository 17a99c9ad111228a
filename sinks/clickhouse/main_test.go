package clickhouse_test

import (
	"os"
	"testing"

	"csatflow/deploy/local"
)

func TestMain(m *testing.M) {
	local.RunChild()
	os.Exit(m.Run())
}
