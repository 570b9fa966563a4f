package statefile

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"testing"
	"time"

	"reconcile/internal/need"
)

// bigState produces a state of about size bytes, as Terraform indents it, and
// never holds more than one resource of it.
func bigState(size int64) io.Reader {
	r, w := io.Pipe()
	go func() {
		var written int64
		put := func(format string, args ...any) {
			n, _ := fmt.Fprintf(w, format, args...)
			written += int64(n)
		}
		put("{\n  \"version\": 4,\n  \"serial\": 7,\n  \"lineage\": \"l\",\n  \"outputs\": {},\n  \"resources\": [\n")
		for n := 0; written < size; n++ {
			if n > 0 {
				put(",\n")
			}
			put("    {\n      \"module\": \"module.net[\\\"%d\\\"]\",\n      \"mode\": \"managed\",\n      \"type\": \"aws_subnet\",\n      \"name\": \"private\",\n"+
				"      \"provider\": \"provider[\\\"registry.terraform.io/hashicorp/aws\\\"]\",\n      \"instances\": [", n)
			for k := range 20 {
				if k > 0 {
					put(",")
				}
				put("\n        {\n          \"index_key\": \"az-%d\",\n          \"schema_version\": 1,\n          \"attributes\": {\n"+
					"            \"arn\": \"arn:aws:ec2:us-east-1:123456789012:subnet/subnet-%08x%08x\",\n"+
					"            \"assign_ipv6_address_on_creation\": false,\n            \"availability_zone\": \"us-east-1a\",\n"+
					"            \"cidr_block\": \"10.0.0.0/24\",\n            \"id\": \"subnet-%08x%08x\",\n            \"ipv6_cidr_block\": \"\",\n"+
					"            \"map_public_ip_on_launch\": false,\n            \"owner_id\": \"123456789012\",\n            \"tags\": {\n"+
					"              \"Name\": \"private-%d-%d\",\n              \"Team\": \"network\"\n            },\n            \"vpc_id\": \"vpc-0123456789abcdef0\"\n"+
					"          },\n          \"sensitive_attributes\": [],\n          \"private\": \"bnVsbA==\",\n          \"dependencies\": [\n            \"module.net.aws_vpc.this\"\n          ]\n        }",
					k, n, k, n, k, n, k)
			}
			put("\n      ]\n    }")
		}
		put("\n  ],\n  \"check_results\": null\n}\n")
		w.Close()
	}()
	return r
}

// peakOf runs f and returns by how many bytes the live and dead objects of the
// heap, and all memory taken from the system, grew at most.
func peakOf(f func()) (heap, total uint64) {
	read := func() (uint64, uint64) {
		s := []metrics.Sample{
			{Name: "/memory/classes/heap/objects:bytes"},
			{Name: "/memory/classes/total:bytes"},
			{Name: "/memory/classes/heap/released:bytes"},
		}
		metrics.Read(s)
		return s[0].Value.Uint64(), s[1].Value.Uint64() - s[2].Value.Uint64()
	}
	runtime.GC()
	debug.FreeOSMemory()
	heap0, total0 := read()
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			h, t := read()
			heap, total = max(heap, h), max(total, t)
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
			}
		}
	})
	f()
	close(stop)
	wg.Wait()
	return heap - min(heap, heap0), total - min(total, total0)
}

// bigShow is the same for `terraform show -json`, which has no white space.
func bigShow(size int64) io.Reader {
	r, w := io.Pipe()
	go func() {
		var written int64
		put := func(format string, args ...any) {
			n, _ := fmt.Fprintf(w, format, args...)
			written += int64(n)
		}
		put(`{"format_version":"1.0","terraform_version":"1.11.4","values":{"root_module":{"resources":[`)
		for n := 0; written < size; n++ {
			if n > 0 {
				put(",")
			}
			put(`{"address":"aws_subnet.s[%d]","mode":"managed","type":"aws_subnet","name":"s","index":%d,`+
				`"provider_name":"registry.terraform.io/hashicorp/aws","schema_version":1,"values":{`+
				`"arn":"arn:aws:ec2:us-east-1:123456789012:subnet/subnet-%017x","assign_ipv6_address_on_creation":false,`+
				`"availability_zone":"us-east-1a","cidr_block":"10.0.0.0/24","id":"subnet-%017x","ipv6_cidr_block":"",`+
				`"map_public_ip_on_launch":false,"owner_id":"123456789012","tags":{"Name":"private-%d","Team":"network"},`+
				`"vpc_id":"vpc-0123456789abcdef0"},"sensitive_values":{"tags":{}},"depends_on":["aws_vpc.this"]}`, n, n, n, n, n)
		}
		put(`]}}}`)
		w.Close()
	}()
	return r
}

func TestReadingStaysBelowThreeTimesTheSizeOfTheState(t *testing.T) {
	need.NoRace(t, "the race detector's own memory counts too")
	for name, produce := range map[string]func(int64) io.Reader{"raw": bigState, "show": bigShow} {
		t.Run(name, func(t *testing.T) {
			var st *State
			var err error
			heap, total := peakOf(func() { st, err = Read(produce(20<<20), "big") })
			if err != nil {
				t.Fatal(err)
			}
			if len(st.Instances) < 10_000 {
				t.Fatalf("%d instances", len(st.Instances))
			}
			t.Logf("%d bytes, %d instances: heap %.2f, all memory %.2f times the size", st.Bytes, len(st.Instances),
				float64(heap)/float64(st.Bytes), float64(total)/float64(st.Bytes))
			if total >= 3*uint64(st.Bytes) {
				t.Errorf("reading %d bytes took %d bytes of memory", st.Bytes, total)
			}
			runtime.KeepAlive(st)
		})
	}
}

// BenchmarkRead200MB reports bytes/op, and the peak as multiples of the size.
func BenchmarkRead200MB(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		var st *State
		var err error
		heap, total := peakOf(func() { st, err = Read(bigState(200<<20), "big") })
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(st.Bytes)
		b.ReportMetric(float64(heap)/float64(st.Bytes), "peak-heap/size")
		b.ReportMetric(float64(total)/float64(st.Bytes), "peak-memory/size")
		b.ReportMetric(float64(len(st.Instances)), "instances")
	}
}
