package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/newswire/newswire/syndication/web"
)

func TestExitCodes(t *testing.T) {
	tests := []struct {
		args []string
		want int
		out  string // in standard output
		err  string // in standard error
	}{
		{[]string{"version"}, exitDone, "newswire ", ""},
		{[]string{"--help"}, exitDone, "Usage: newswire", ""},
		{[]string{"serve", "--help"}, exitDone, "--role", ""},
		{[]string{"check", "-c", "testdata/none.yaml"}, exitFailed, "no such file", ""},
		{[]string{"serve", "-c", "testdata/none.yaml"}, exitFailed, "", "no such file"},
		{[]string{"health", "-c", "testdata/none.yaml"}, exitFailed, "", "no such file"},
		{[]string{}, exitUsage, "", "expected one of"},
		{[]string{"sevre"}, exitUsage, "", "sevre"},
		{[]string{"serve", "--role", "reader"}, exitUsage, "", "--role"},
		{[]string{"fetch", "--no-such-flag"}, exitUsage, "", "--no-such-flag"},
		{[]string{"withdraw", "some-article"}, exitUsage, "", "--reason"},
		{[]string{"withdraw", "some-article", "--reason", " "}, exitUsage, "", "--reason is empty"},
		{[]string{"drop", "some-article", "--reason", ""}, exitUsage, "", "--reason is empty"},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			if got := run(t.Context(), tt.args, &console{stdout: &stdout, stderr: &stderr, formats: web.Formats()}); got != tt.want {
				t.Errorf("exit code %d, want %d", got, tt.want)
			}
			if !strings.Contains(stdout.String(), tt.out) || tt.out == "" && stdout.Len() > 0 {
				t.Errorf("standard output %q, want %q in it", stdout.String(), tt.out)
			}
			if !strings.Contains(stderr.String(), tt.err) || tt.err == "" && stderr.Len() > 0 {
				t.Errorf("standard error %q, want %q in it", stderr.String(), tt.err)
			}
		})
	}
}
