package config

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/newswire/newswire/sources/pace"
)

// interval is how people write an interval: "every 5m", "5 minutes", "@every 2 hours".
var interval = regexp.MustCompile(`^(?:@?every\s+)?(\d+)\s*([smhd])[a-z]*$`)

// scheduleHint is what a wrong schedule most likely meant, or nothing.
func scheduleHint(spec string) string {
	spec = strings.ToLower(strings.Join(strings.Fields(spec), " "))
	var candidates []string
	if m := interval.FindStringSubmatch(spec); m != nil {
		count, unit := m[1], m[2]
		if unit == "d" {
			if days, err := time.ParseDuration(count + "h"); err == nil {
				count, unit = fmt.Sprint(24*int(days.Hours())), "h"
			}
		}
		candidates = append(candidates, "@every "+count+unit)
	}
	word := strings.TrimPrefix(strings.TrimPrefix(spec, "@"), "every ")
	candidates = append(candidates, "@every "+word, "@"+word, "@"+word+"ly", map[string]string{"day": "@daily"}[word])
	if fields := strings.Fields(spec); len(fields) == 6 { // with seconds
		candidates = append(candidates, strings.Join(fields[1:], " "))
	}
	var specs pace.Specs
	for _, candidate := range candidates {
		if _, err := specs.Parse(candidate, nil); err == nil {
			return fmt.Sprintf("; did you mean %q?", candidate)
		}
	}
	return ""
}
