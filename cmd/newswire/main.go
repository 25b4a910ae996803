// Command newswire visits publishers, caches their articles and republishes them as feeds.
//
//	newswire demo                  sample publishers on loopback, aggregated and republished
//	newswire serve -c FILE         the service
//	newswire fetch -c FILE [ID…]   one round of visits
//	newswire check -c FILE         every mistake in the config, with its line
//
// Exit codes: 0 done, 1 it failed, 2 wrong usage. What a script may want goes to standard output, everything said to
// people to standard error.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	_ "time/tzdata" // the image has no zone database, and sources have zones

	"github.com/alecthomas/kong"
	kongcompletion "github.com/jotaen/kong-completion"
	"golang.org/x/term"

	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/cmd/newswire/internal/profile"
	"github.com/newswire/newswire/cmd/newswire/internal/terminal"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/syndication/web"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], &console{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, formats: web.Formats()})
	stop()
	os.Exit(code)
}

// The exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// cli is the command line. Each command is a file.
type cli struct {
	PrintVersion versionFlag `name:"version" help:"Print the version and exit."`

	LogFormat string `enum:"text,json" default:"text" env:"NEWSWIRE_LOG_FORMAT" help:"text or json"`
	LogLevel  string `enum:"debug,info,warn,error" default:"info" env:"NEWSWIRE_LOG_LEVEL" help:"debug, info, warn or error"`

	Init     initCommand     `cmd:"" help:"Write a config to begin with."`
	Demo     demoCommand     `cmd:"" help:"Run sample publishers on loopback, aggregate and republish them."`
	Serve    serveCommand    `cmd:"" help:"Aggregate and serve until a signal."`
	Build    buildCommand    `cmd:"" help:"Write the whole site as files, for hosts that run nothing."`
	Fetch    fetchCommand    `cmd:"" help:"Do one round of visits and exit."`
	Sources  sourcesCommand  `cmd:"" help:"Tell how each source fares, how many read it, and when and why it is visited next."`
	Pause    pauseCommand    `cmd:"" help:"Have a source visited no more, until you resume it."`
	Resume   resumeCommand   `cmd:"" help:"Have a source visited again that is paused."`
	Why      whyCommand      `cmd:"" help:"Say everything that is known of a source or an article, and why it is so."`
	Check    checkCommand    `cmd:"" help:"Report every mistake in the config."`
	Preview  previewCommand  `cmd:"" help:"Visit a source once, store nothing, and show what would be republished."`
	Add      addCommand      `cmd:"" help:"Find the feed of a site and add it to the config."`
	Import   importCommand   `cmd:"" help:"Add the feeds of an OPML file to the config."`
	Export   exportCommand   `cmd:"" help:"Write the config's sources as OPML."`
	History  historyCommand  `cmd:"" help:"Show what an article was before it was corrected."`
	Withdraw withdrawCommand `cmd:"" help:"Withdraw an article everywhere, for good."`
	Held     heldCommand     `cmd:"" help:"List the articles that are held: they look injected, or a rule holds them."`
	Release  releaseCommand  `cmd:"" help:"Publish an article that is held."`
	Drop     dropCommand     `cmd:"" help:"Keep an article that is held away for good."`
	Partner  partnerCommand  `cmd:"" help:"Add, list, rotate the keys of, and remove partner sites."`
	Health   healthCommand   `cmd:"" help:"Ask a running service whether it is alive."`
	Help     helpCommand     `cmd:"" help:"Tell of a command."`
	Version  versionCommand  `cmd:"" help:"Print the version."`

	Deliveries deliveriesCommand `cmd:"" help:"Tell which partners and subscribers are behind, since when and why; or tell one again."`
	Completion completionCommand `cmd:"" help:"Print what has a shell complete commands and flags."`
}

// configFlag is shared by all commands that read a config.
type configFlag struct {
	Config string `short:"c" default:"newswire.yaml" env:"NEWSWIRE_CONFIG" help:"Config file."`
}

// garbage is how much of it a command that lists sources has at most, in percent of what is in use. With less of it, the list of
// 100,000 takes a fifth less memory and a sixth more CPU.
const garbage = 50

// load reads the config, and what its sources are.
func (f configFlag) load() (*config.Config, *sources.Catalog, error) {
	debug.SetGCPercent(garbage)
	conf, err := config.Load(f.Config)
	if err != nil {
		return nil, nil, err
	}
	catalog, err := sources.NewCatalog(conf.Sources, conf.Categories, conf.Authors)
	return conf, catalog, err
}

// console is what a command talks to.
type console struct {
	ctx     context.Context //nolint:containedctx // lives as long as the command, which is as long as the context
	stdin   io.Reader
	stdout  io.Writer    // for tables and what people read
	stderr  io.Writer    // for what is said to people
	data    io.Writer    // standard output for programs: feeds, lists, JSON
	screen  io.Writer    // standard error as it is, for a progress bar
	formats []web.Format // that feeds are written in
	log     *slog.Logger
}

// errQuiet says that a command has failed and has already said why.
var errQuiet = errors.New("failed")

// run is the whole command, but for the process around it. It returns the exit code.
func run(ctx context.Context, args []string, c *console) int {
	c.protect()
	var line cli
	helped := false
	parser, err := kong.New(&line, kong.Name("newswire"), kong.Writers(c.stdout, c.stderr), kong.Exit(func(int) { helped = true }),
		kong.Vars{"formats": extensions(c.formats), "profiles": strings.Join(profile.Names(), ", ")},
		kong.Description("Visits publishers, caches their articles and republishes them as attributed RSS, Atom and JSON feeds."))
	if err != nil {
		panic("newswire: the command line does not make sense: " + err.Error())
	}
	kongcompletion.Register(parser) // it answers a shell that asks, and ends then
	if helped {
		return exitDone
	}
	command, err := parser.Parse(args)
	if helped {
		return exitDone
	}
	if err != nil {
		return c.misused(err)
	}
	c.ctx, c.log = ctx, newLog(c.stderr, line.LogFormat, line.LogLevel)
	var misuse usageError
	switch err := command.Run(c, parser); {
	case err == nil:
		return exitDone
	case errors.As(err, &misuse):
		return c.misused(misuse)
	case errors.Is(err, errQuiet):
		return exitFailed
	default:
		for text := range strings.SplitSeq(err.Error(), "\n") {
			fmt.Fprintf(c.stderr, "newswire: %s\n", text)
		}
		return exitFailed
	}
}

// misused says what is wrong with the command line, and returns the exit code.
func (c *console) misused(err error) int {
	fmt.Fprintf(c.stderr, "newswire: %v; try newswire --help\n", err)
	return exitUsage
}

// protect lets nothing through to people that a terminal acts on, such as a title that turns the direction of its line. What
// programs read is left as it is, unless it goes to a terminal.
func (c *console) protect() {
	c.data, c.screen = c.stdout, c.stderr
	c.stdout, c.stderr = terminal.NewWriter(c.stdout), terminal.NewWriter(c.stderr)
	if isTerminal(c.data) {
		c.data = c.stdout
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// extensions lists formats as the command line names them.
func extensions(formats []web.Format) string {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = f.Extension
	}
	return strings.Join(names, ",")
}

func newLog(w io.Writer, format, level string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		panic("newswire: kong let a level through that is none: " + err.Error())
	}
	o := &slog.HandlerOptions{Level: l}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}
