package backend

import (
	"errors"
	"time"
)

// Version is one version of the state object, or a mark that it was deleted.
type Version struct {
	ID       string    `json:"id"` // "null" where it was written without versioning
	Modified time.Time `json:"modified"`
	Size     int64     `json:"size"`
	ETag     string    `json:"etag"` // without quotes
	Current  bool      `json:"current,omitempty"`
	Deleted  bool      `json:"deleted,omitempty"` // a delete marker: nothing to read
}

// Object is the state object, or a version of it, as it was read.
type Object struct {
	Version
	Body []byte
	MD5  string // of Body, hex: what the digest's row must hold
}

// ErrUnversioned is a bucket that keeps no earlier versions.
var ErrUnversioned = errors.New("the bucket keeps no versions")

// BeforeLock is the last version that was written before a lock was taken, nil
// if none is. Versions come newest first. Terraform writes nothing before it
// has the lock, and clocks differ: S3's own time counts for the version, the
// holder's for the lock.
func BeforeLock(versions []Version, lock Lock) *Version {
	if lock.Status != Held || lock.Created.IsZero() {
		return nil
	}
	for n := range versions {
		if v := &versions[n]; !v.Deleted && v.Modified.Before(lock.Created) {
			return v
		}
	}
	return nil
}
