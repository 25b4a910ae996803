package redistest

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

// slots is the number of hash slots of every Redis Cluster.
const slots = 16384

// Cluster is a running Redis Cluster: three masters that share the slots, without replicas.
type Cluster struct {
	Nodes []*Server
}

// StartCluster starts a cluster and returns when every node sees it whole.
func StartCluster(t testing.TB, opts Options) *Cluster {
	t.Helper()
	binary := find(t)
	c := &Cluster{}
	const nodes = 3
	bus := make([]string, nodes)
	for i := range nodes {
		bus[i] = freePort(t) // the default, ten thousand above the port, need not be free, or a port at all
		node := opts
		node.Args = append([]string{
			"--cluster-enabled", "yes", "--cluster-port", bus[i], "--cluster-config-file", "nodes.conf",
		}, opts.Args...)
		c.Nodes = append(c.Nodes, start(t, binary, node.arguments()))
	}
	for i, n := range c.Nodes {
		must(t, n.do("CLUSTER", "SET-CONFIG-EPOCH", i+1))
		must(t, n.do("CLUSTER", "ADDSLOTSRANGE", i*slots/nodes, (i+1)*slots/nodes-1))
	}
	for i, n := range c.Nodes[1:] {
		host, port, err := net.SplitHostPort(n.Addr)
		must(t, err)
		must(t, c.Nodes[0].do("CLUSTER", "MEET", host, port, bus[i+1]))
	}
	for _, n := range c.Nodes {
		must(t, wait(n.seesWhole))
	}
	return c
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("redistest: start a cluster: %v", err)
	}
}

// seesWhole returns nil once the node knows who serves every slot.
func (s *Server) seesWhole() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	client := redis.NewClient(&redis.Options{Addr: s.Addr})
	defer client.Close()
	info, err := client.ClusterInfo(ctx).Result()
	if err != nil {
		return err
	}
	for _, want := range []string{"cluster_state:ok", fmt.Sprintf("cluster_slots_ok:%d", slots), "cluster_known_nodes:3", "cluster_size:3"} {
		if !strings.Contains(info, want) {
			return fmt.Errorf("%s does not say %s yet", s.Addr, want)
		}
	}
	return nil
}

// URL is the cluster's address for rediscache.Open.
func (c *Cluster) URL() string {
	addrs := make([]string, len(c.Nodes))
	for i, n := range c.Nodes {
		addrs[i] = n.Addr
	}
	return "redis+cluster://" + strings.Join(addrs, ",")
}

// Flush empties the cluster.
func (c *Cluster) Flush() {
	for _, n := range c.Nodes {
		n.t.Helper()
		n.Flush()
	}
}
