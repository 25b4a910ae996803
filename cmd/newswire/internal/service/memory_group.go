package service

import (
	"math"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// memoryOfGroup is what the control group of this process may take of the memory, in bytes, by Linux; very much where there is no
// limit.
func memoryOfGroup() int64 {
	list, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return math.MaxInt64
	}
	return memoryOfGroups(string(list), "/sys/fs/cgroup")
}

// memoryOfGroups reads a list of control groups, a line ID:CONTROLLERS:PATH for each hierarchy (cgroups(7)), and the limits of these
// and of all groups above, below a folder. In a container the path may be one of the host, which is not there; the limit is then that of
// the folder itself.
func memoryOfGroups(list, root string) int64 {
	limit := int64(math.MaxInt64)
	for line := range strings.Lines(list) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) < 3 {
			continue
		}
		folder, file := root, "memory.max" // version 2, where there is one hierarchy for all controllers
		switch fields[1] {
		case "":
		case "memory":
			folder, file = filepath.Join(root, "memory"), "memory.limit_in_bytes"
		default:
			continue
		}
		for group := path.Clean("/" + fields[2]); ; group = path.Dir(group) {
			text, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(group), file))
			if n, wrong := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && wrong == nil && n > 0 {
				limit = min(limit, n)
			}
			if group == "/" {
				break
			}
		}
	}
	return limit
}
