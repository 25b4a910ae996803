package redistest

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// slots is the number of hash slots of every Redis Cluster.
const slots = 16384

// masters is the number of masters of every cluster here.
const masters = 3

// Cluster is a running Redis Cluster: three masters that share the slots, each with a replica or without.
type Cluster struct {
	Nodes []*Server // the masters, then their replicas in the same order

	t testing.TB
}

// StartCluster starts a cluster without replicas, and returns when every node sees it whole.
func StartCluster(t testing.TB, opts Options) *Cluster {
	t.Helper()
	return startCluster(t, masters, opts)
}

// StartReplicatedCluster starts a cluster in which each master has a replica, which takes its place soon after it fails.
func StartReplicatedCluster(t testing.TB, opts Options) *Cluster {
	t.Helper()
	opts.Args = append([]string{
		"--cluster-node-timeout", "2000", "--cluster-replica-validity-factor", "0",
		"--repl-diskless-sync-delay", "0",
	}, opts.Args...)
	c := startCluster(t, 2*masters, opts)
	for i, replica := range c.Nodes[masters:] {
		id, err := c.Nodes[i].text("CLUSTER", "MYID")
		must(t, err)
		must(t, wait(func() error { return replica.do("CLUSTER", "REPLICATE", id) })) // once it has heard of the master
	}
	for _, replica := range c.Nodes[masters:] {
		must(t, wait(replica.follows))
	}
	return c
}

func startCluster(t testing.TB, nodes int, opts Options) *Cluster {
	t.Helper()
	binary := find(t)
	c := &Cluster{t: t}
	bus := make([]string, nodes)
	for i := range nodes {
		c.Nodes = append(c.Nodes, start(t, binary, func() []string {
			bus[i] = freePort(t) // the default, ten thousand above the port, need not be free, or a port at all
			node := opts
			node.Args = append([]string{
				"--cluster-enabled", "yes", "--cluster-port", bus[i], "--cluster-config-file", "nodes.conf",
			}, opts.Args...)
			return node.arguments()
		}))
	}
	for i, n := range c.Nodes {
		must(t, n.do("CLUSTER", "SET-CONFIG-EPOCH", i+1))
	}
	for i, n := range c.Nodes[:masters] {
		must(t, n.do("CLUSTER", "ADDSLOTSRANGE", i*slots/masters, (i+1)*slots/masters-1))
	}
	for i, n := range c.Nodes[1:] {
		host, port, err := net.SplitHostPort(n.Addr)
		must(t, err)
		must(t, c.Nodes[0].do("CLUSTER", "MEET", host, port, bus[i+1]))
	}
	for _, n := range c.Nodes {
		must(t, wait(func() error { return n.seesWhole(nodes) }))
	}
	return c
}

// IsMaster says whether a node is a master that has slots, as a replica is after a failover.
func (s *Server) IsMaster() bool {
	role, err := s.text("INFO", "replication")
	return err == nil && strings.Contains(role, "role:master")
}

// follows returns nil once a replica has all that its master has.
func (s *Server) follows() error {
	info, err := s.text("INFO", "replication")
	if err != nil {
		return err
	}
	if !strings.Contains(info, "master_link_status:up") {
		return fmt.Errorf("%s does not follow its master yet", s.Addr)
	}
	return nil
}

// text sends one command to this server that is answered with text.
func (s *Server) text(args ...any) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c := redis.NewClient(&redis.Options{Addr: s.Addr})
	defer c.Close()
	return c.Do(ctx, args...).Text()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("redistest: start a cluster: %v", err)
	}
}

// seesWhole returns nil once the node knows the servers of all slots, and all nodes.
func (s *Server) seesWhole(nodes int) error {
	info, err := s.text("CLUSTER", "INFO")
	if err != nil {
		return err
	}
	for _, want := range []string{
		"cluster_state:ok", fmt.Sprintf("cluster_slots_ok:%d", slots),
		fmt.Sprintf("cluster_known_nodes:%d", nodes), fmt.Sprintf("cluster_size:%d", masters),
	} {
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

// Restart kills a node, starts it again, and returns when every node sees the cluster whole.
func (c *Cluster) Restart(node int) {
	t := c.Nodes[node].t
	t.Helper()
	c.Nodes[node].Restart()
	for _, n := range c.Nodes {
		if err := wait(func() error { return n.seesWhole(len(c.Nodes)) }); err != nil {
			t.Fatalf("redistest: restart a node: %v", err)
		}
	}
}

// HandOver has a shard's master hand over to its replica, which has all of its data by then, and returns when every node
// sees that and the former master follows the other one. The cluster has replicas.
func (c *Cluster) HandOver(shard int) {
	master, replica := c.shard(shard)
	c.t.Helper()
	var asked time.Time
	c.must(wait(func() error {
		if time.Since(asked) > handOver { // at first, or the nodes gave up
			if err := replica.do("CLUSTER", "FAILOVER"); err != nil {
				return err
			}
			asked = time.Now()
		}
		return replica.leads()
	}))
	c.settle(master)
}

// handOver is how long nodes try to hand over, and a little more.
const handOver = 6 * time.Second

// FailOver kills a shard's master. When its replica has taken its place it starts the former master again, and returns when
// every node sees the cluster whole and the former master has all that the other one has.
func (c *Cluster) FailOver(shard int) {
	master, replica := c.shard(shard)
	c.t.Helper()
	master.Kill()
	c.must(wait(replica.leads))
	master.Restart()
	c.settle(master)
}

// shard returns the node that is the master of a shard, and that which is its replica.
func (c *Cluster) shard(n int) (master, replica *Server) {
	master, replica = c.Nodes[n], c.Nodes[n+masters]
	if replica.IsMaster() {
		master, replica = replica, master
	}
	return master, replica
}

// settle returns when a former master has become a replica that has all its master has.
func (c *Cluster) settle(former *Server) {
	c.t.Helper()
	c.must(wait(former.follows))
	for _, n := range c.Nodes {
		c.must(wait(func() error { return n.seesWhole(len(c.Nodes)) }))
	}
}

// leads returns nil once a replica has become a master.
func (s *Server) leads() error {
	if !s.IsMaster() {
		return fmt.Errorf("%s is no master yet", s.Addr)
	}
	return nil
}

func (c *Cluster) must(err error) {
	if err != nil {
		c.t.Helper()
		c.t.Errorf("redistest: fail over: %v", err) // and not Fatalf: the caller may be no test's own goroutine
	}
}

// Flush empties the cluster.
func (c *Cluster) Flush() {
	for _, n := range c.Nodes {
		n.t.Helper()
		n.Flush()
	}
}
