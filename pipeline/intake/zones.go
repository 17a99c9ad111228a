package intake

import (
	"fmt"
	"sync"
	"time"
)

// zoneCache loads time zones once. Names may come from payloads, so it keeps only so many.
type zoneCache struct {
	mu     sync.RWMutex
	loaded map[string]*time.Location
}

// mostZones is more than the names that the time zone database has.
const mostZones = 1000

func newZones() *zoneCache { return &zoneCache{loaded: map[string]*time.Location{}} }

func (c *zoneCache) load(name string) (*time.Location, error) {
	c.mu.RLock()
	zone := c.loaded[name]
	c.mu.RUnlock()
	if zone != nil {
		return zone, nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || zone == time.Local {
		return nil, fmt.Errorf("zoned: no time zone %s: a name like Europe/Berlin", shown(name))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.loaded) < mostZones {
		c.loaded[name] = zone
	}
	return zone, nil
}
