package plan

import (
	"strings"
	"testing"

	"reconcile/internal/wanted"
)

func TestAnImportThatTerraformWouldThenReplaceIsAQuestion(t *testing.T) {
	for _, c := range []struct {
		pool any
		asks bool
	}{{nil, false}, {"", false}, {"ipam-pool-1", true}, {"=aws_vpc_ipam_pool.p.id", true}} {
		i := newIncident()
		pairs := []any{"cidr_block", "10.0.0.0/16"}
		if c.pool != nil {
			pairs = append(pairs, "ipv4_ipam_pool_id", c.pool)
		}
		i.wanted("aws_vpc.a", wanted.Create, "", pairs...)
		i.made(1, "aws_vpc", "vpc-1", attrs("cidr_block", "10.0.0.0/16", "owner_id", account))
		r := i.build()
		if asks := len(r.Questions) == 1; asks != c.asks || asks == (len(r.Actions) == 1) {
			t.Errorf("pool %v: %d questions, %d actions: %+v", c.pool, len(r.Questions), len(r.Actions), r.Findings)
		}
		if c.asks && !strings.Contains(r.Questions[0].Text, "an import leaves ipv4_ipam_pool_id empty") {
			t.Error(r.Questions[0].Text)
		}
	}
}
