package plan

import (
	"slices"
	"strings"

	"reconcile/internal/wanted"
)

// unseenAddresses names the wanted addresses whose object may have been made
// where nobody looked: in an account of which there are no credentials, or in
// one that cannot be told. That nothing was found for them says nothing.
func (b *builder) unseenAddresses(add func(string)) {
	unseen := map[string][]string{}
	for _, address := range sortedKeys(b.open) {
		o := b.open[address]
		at := o.address.Place.Account
		if at != "" && b.sees(at) || o.old != nil && o.address.Wanted.Action == wanted.NoOp {
			continue
		}
		unseen[at] = append(unseen[at], address)
	}
	for _, account := range sortedKeys(unseen) {
		names := listed(unseen[account])
		if account == "" {
			add("not seen: " + names + ": the account of the provider cannot be told, so what the session made there is not known: give --profile ALIAS=NAME")
			continue
		}
		add("not seen: " + names + " in account " + account + ", of which there are no credentials: what the session made there is not known; give --assume-role " +
			account + "=ROLE-ARN or --profile ALIAS=NAME")
	}
}

// listed are some names, the first few in full.
func listed(names []string) string {
	const most = 10
	slices.Sort(names)
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + " and " + itoa(len(names)-most) + " more"
}
