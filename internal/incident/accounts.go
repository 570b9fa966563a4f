package incident

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"reconcile/internal/hint"
	"reconcile/internal/plan"
	"reconcile/providers"
	"reconcile/providers/cloudtrail"
	"reconcile/providers/ec2"
)

// account is one account that can be read, and how.
type account struct {
	session ec2.Session
	lookup  *cloudtrail.Lookup
	via     plan.Via
}

var accountID = regexp.MustCompile(`^\d{12}$`)

// further opens the credentials that a person named for other accounts, each
// checked against STS: one that answers for another account than it was named
// for would make everything look deleted. The accounts of profiles are those of
// the provider configurations with these aliases.
func (r *reading) further(ctx context.Context, first ec2.Session) (aliases map[string]string, err error) {
	aliases = map[string]string{}
	r.accounts = map[string]*account{first.Caller.Account: r.account(first, plan.Via{})}
	for _, s := range r.o.AssumeRoles {
		id, role, err := parseAssume(s)
		if err != nil {
			return nil, err
		}
		session, err := first.Assume(ctx, role)
		if err != nil {
			return nil, hint.Errorf("check that "+first.Caller.ARN+" may assume it: aws sts assume-role --role-session-name reconcile --role-arn "+role,
				"assuming %s: %w", role, err)
		}
		if session.Caller.Account != id {
			return nil, hint.Errorf("give a role of account "+id, "--assume-role %s: STS says that its credentials are of account %s", s, session.Caller.Account)
		}
		r.accounts[id] = r.account(session, plan.Via{Role: role})
	}
	for _, s := range r.o.Profiles {
		alias, profile, err := parseProfile(s)
		if err != nil {
			return nil, err
		}
		session, err := ec2.OpenProfile(ctx, r.rows, profile, first.Config.Region)
		if err != nil {
			return nil, err
		}
		id := session.Caller.Account
		if r.accounts[id] == nil {
			r.accounts[id] = r.account(session, plan.Via{Profile: profile})
		}
		if alias == "default" {
			alias = ""
		}
		aliases[alias] = id
	}
	return aliases, nil
}

// parseAssume reads --assume-role ACCOUNT=ROLE-ARN.
func parseAssume(s string) (account, role string, err error) {
	account, role, ok := strings.Cut(s, "=")
	if !ok || !accountID.MatchString(account) || cloudtrail.AccountOf(role) != account {
		return "", "", hint.Errorf("give --assume-role 210987654321=arn:aws:iam::210987654321:role/NAME: twelve digits and a role of that account",
			"--assume-role %q does not name an account and a role in it", s)
	}
	return account, role, nil
}

// parseProfile reads --profile ALIAS=PROFILE.
func parseProfile(s string) (alias, profile string, err error) {
	alias, profile, ok := strings.Cut(s, "=")
	if !ok || profile == "" {
		return "", "", hint.Errorf("give --profile ALIAS=NAME: the alias of a provider configuration, and a profile of ~/.aws/config; default=NAME for the one without an alias",
			"--profile %q does not name an alias and a profile", s)
	}
	return alias, profile, nil
}

func (r *reading) account(s ec2.Session, via plan.Via) *account {
	a := &account{session: s, via: via}
	var back sync.Map // region to the time that the trail is read back to
	a.lookup = cloudtrail.NewLookup(s.Config, func(region string, pages, records int) {
		at, _ := back.Load(region)
		reached, _ := at.(time.Time)
		r.progress(providers.Progress{What: "cloudtrail:LookupEvents", Region: region, Done: pages, Items: records, Back: reached})
	}).Reach(func(region string, at time.Time) { back.Store(region, at) }).Advise(func(advice string) {
		r.progress(providers.Progress{What: "cloudtrail:LookupEvents", Note: advice})
	})
	return a
}

// inventory reads kinds in places, each place with its own account's
// credentials. An account without credentials is left out: what is there stays
// unknown. told is closed once the trail has been read.
func (r *reading) inventory(ctx context.Context, reads map[providers.Place][]string, told <-chan struct{}) providers.Inventory {
	var out providers.Inventory
	var mu sync.Mutex
	var group errgroup.Group
	total := newTally(r.progress)
	for at, types := range reads {
		a := r.accounts[at.Account]
		if a == nil || len(types) == 0 {
			continue
		}
		group.Go(func() error {
			got := ec2.NewReader(r.rows, a.session, total.of(at)).For(owners{r, told}).Inventory(ctx, types, []string{at.Region})
			mu.Lock()
			defer mu.Unlock()
			out.Objects = append(out.Objects, got.Objects...)
			out.Coverage = append(out.Coverage, got.Coverage...)
			return nil
		})
	}
	_ = group.Wait() // a reading tells its failures in its coverage
	out.Sort()
	return out
}

// owners are those that this incident is about.
type owners struct {
	of   *reading
	told <-chan struct{}
}

func (o owners) Named(typ string) providers.Asking { return o.of.subject.OwnersNamed(typ) }

func (o owners) Told(ctx context.Context, typ string, seen func(id string) bool) providers.Asking {
	select {
	case <-o.told:
		return o.of.subject.OwnersTold(typ, o.of.seen.Trail, seen)
	case <-ctx.Done():
		return providers.Asking{}
	}
}

// tally adds the progress of several readings up.
type tally struct {
	mu     sync.Mutex
	say    func(providers.Progress)
	places map[providers.Place]providers.Progress
}

func newTally(say func(providers.Progress)) *tally {
	return &tally{say: say, places: map[providers.Place]providers.Progress{}}
}

func (t *tally) of(at providers.Place) func(providers.Progress) {
	return func(p providers.Progress) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.places[at] = p
		sum := providers.Progress{What: p.What, Region: p.Region, Items: p.Items}
		for _, one := range t.places {
			sum.Done, sum.Total = sum.Done+one.Done, sum.Total+one.Total
		}
		t.say(sum)
	}
}

// look asks for objects by id once more, in their own account.
func (r *reading) look(ctx context.Context, typ string, at providers.Place, attrs []providers.Attrs) ([]providers.Object, error) {
	a := r.accounts[at.Account]
	if a == nil {
		return nil, errors.New("there are no credentials for account " + at.Account)
	}
	return ec2.NewReader(r.rows, a.session, nil).Look(ctx, typ, at, attrs)
}

// trailPlaces are the regions of each readable account.
func (r *reading) trailPlaces() map[string][]string {
	out := map[string][]string{}
	for at := range r.reads {
		if r.accounts[at.Account] != nil {
			out[at.Account] = append(out[at.Account], at.Region)
		}
	}
	for id := range out {
		slices.Sort(out[id])
	}
	return out
}
