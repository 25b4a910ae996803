// Package deploy has no code. Its folder has the files by which newswire is run and watched: a systemd unit, Kubernetes
// manifests, rules for Prometheus and a dashboard for Grafana. The test beside them reads them all. This file makes the folder
// a package that can be built and vetted by its name, as all others can.
package deploy
