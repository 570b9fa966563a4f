package cloudtrail

import "testing"

// FuzzADigestIsReadOrRefused: a digest file is untrusted, as records are.
func FuzzADigestIsReadOrRefused(f *testing.F) {
	const name = "AWSLogs/1/CloudTrail-Digest/us-east-1/2026/01/01/1_CloudTrail-Digest_us-east-1_all_us-east-1_20260101T130000Z.json.gz"
	f.Add([]byte(`{"digestStartTime":"2026-01-01T12:00:00Z","digestEndTime":"2026-01-01T13:00:00Z","logFiles":[{"s3Object":"k","hashValue":"ab","hashAlgorithm":"SHA-256"}]}`))
	f.Add([]byte("\x1f\x8b"))
	f.Add([]byte(`{"digestStartTime":5,"digestEndTime":{},"logFiles":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := readDigest(name, body)
		if err == nil && (d.to.Before(d.from) || d.series != "1_CloudTrail-Digest_us-east-1_all_us-east-1") {
			t.Errorf("%+v", d)
		}
	})
}

// FuzzAnExpirationIsATimeOrNone: what CloudTrail prints is no format that it
// promises.
func FuzzAnExpirationIsATimeOrNone(f *testing.F) {
	f.Add("Apr 16, 2025, 3:46:56 AM")
	f.Add("Apr 16, 2025, 3:46:56\u202fAM")
	f.Add("2025-04-16T03:46:56Z")
	f.Fuzz(func(t *testing.T, s string) {
		if at := expiration(s); at.Location().String() != "UTC" {
			t.Errorf("%q is %s", s, at)
		}
	})
}
