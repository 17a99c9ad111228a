package pane

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"csatflow/pipeline/dimension"
)

// finestNames are the names of the finest resolutions in a configuration.
var finestNames = [...]string{Minute: "1m", Hour: "1h", Day: "1d"}

// SetFinest sets the finest panes of some scope kinds, by name: 1m, 1h or 1d. A kind has panes of that resolution and of
// all coarser ones; without a setting it has all. A crossing without one has what the coarsest of its dimensions has. An error
// names the kind.
func (k *Kinds) SetFinest(of map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(of)) {
		kind := slices.Index(k.names, name)
		r := slices.Index(finestNames[:], of[name])
		switch {
		case kind < 0:
			return dimension.Unknown("kind of scope", name, k.names)
		case r < 0:
			return fmt.Errorf("%s: %q is not one of %s", name, of[name], strings.Join(finestNames[:], ", "))
		case kind == 0 && Resolution(r) != Minute:
			return fmt.Errorf("%s: must be %s, since how far the events are is read from its minutes", name, finestNames[Minute])
		}
		k.finest[kind] = Resolution(r)
	}
	for kind := 1 + len(k.set.All()); kind < len(k.names); kind++ {
		if _, given := of[k.names[kind]]; given {
			continue
		}
		for _, part := range k.parts[kind] {
			k.finest[kind] = max(k.finest[kind], k.finest[1+part])
		}
	}
	return nil
}

// Finest returns the finest resolution of a kind given by its index.
func (k *Kinds) Finest(kind int) Resolution { return k.finest[kind] }

// String is the name of a resolution in a configuration.
func (r Resolution) String() string { return finestNames[r] }

// Coarser returns the finest resolution of the kinds that have no panes of minutes, by name.
func (k *Kinds) Coarser() map[string]Resolution {
	all := map[string]Resolution{}
	for kind, r := range k.finest {
		if r != Minute {
			all[k.names[kind]] = r
		}
	}
	return all
}

// Longer returns the length of the shortest panes of those kinds.
func (k *Kinds) Longer() map[string]time.Duration {
	all := map[string]time.Duration{}
	for kind, r := range k.Coarser() {
		all[kind] = time.Duration(r.Seconds()) * time.Second
	}
	return all
}

func (k *Kinds) finestOf(name string) Resolution {
	if i := slices.Index(k.names, name); i >= 0 {
		return k.finest[i]
	}
	return Minute // of a kind that is no longer configured
}
