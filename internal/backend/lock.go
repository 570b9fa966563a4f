package backend

import (
	"encoding/json"
	"errors"
	"time"
)

// The words of Lock.Status, and the forms that a lock can have.
const (
	Held    = "held"
	NotHeld = "none"
	Unknown = "unknown" // nobody could be asked, or no answer came: never the same as none

	DynamoDB = "dynamodb"
	S3       = "s3"
)

// LockPath is where the lock of one state and what belongs to it are kept.
// Rows are values of LockID in the lock table, files are keys in the bucket.
type LockPath struct {
	Row       string // "<bucket>/<state key>"
	DigestRow string // "<bucket>/<state key>-md5", not a lock
	File      string // "<state key>.tflock"
	MutexRow  string // "<bucket>/<state key>-reconcile", reconcile's own
	MutexFile string // "<state key>.tflock-reconcile"
}

// LockPath returns where Terraform's S3 backend keeps the lock.
func (c Config) LockPath() LockPath {
	row, file := c.Bucket+"/"+c.StateKey, c.StateKey+".tflock"
	return LockPath{
		Row: row, DigestRow: row + "-md5", File: file,
		MutexRow: row + "-reconcile", MutexFile: file + "-reconcile",
	}
}

// ErrLockInfo is a lock whose holder wrote something else than Terraform's
// lock info.
var ErrLockInfo = errors.New("the lock info is not the JSON that Terraform writes")

// ParseLockInfo reads what a lock's holder wrote: the same JSON in the row's
// Info and in the lock file (struct LockInfo of Terraform's
// internal/states/statemgr/locker.go). The lock is held in any case; with
// ErrLockInfo nothing more is known of it. A time that cannot be read is zero.
func ParseLockInfo(info []byte) (Lock, error) {
	lock := Lock{Status: Held}
	var in struct {
		ID, Operation, Who, Version, Created, Path string
	}
	if err := json.Unmarshal(info, &in); err != nil || in.ID == "" {
		lock.Error = ErrLockInfo.Error()
		return lock, ErrLockInfo
	}
	lock.ID, lock.Operation, lock.Who, lock.Version, lock.Path = in.ID, in.Operation, in.Who, in.Version, in.Path
	if t, err := time.Parse(time.RFC3339Nano, in.Created); err == nil {
		// An offset can push a year out of what JSON can hold.
		if t = t.UTC(); t.Year() >= 0 && t.Year() <= 9999 {
			lock.Created = t
		}
	}
	return lock, nil
}
