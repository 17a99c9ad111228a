package main

import (
	"fmt"
	"text/tabwriter"

	servicemodel "csatflow/schemas/service"
)

type standardsCommand struct {
	File string `arg:"" optional:"" help:"The file of standards. Default: the configured one."`
	configFlag
}

func (standardsCommand) Help() string {
	return `Examples:
  csatflow standards                          # the configured ones, or this release's
  csatflow standards my-standards.yaml

It checks that each service standard has the elements of a good one: specific, measurable, owned, dated.
Exit code 1 if an element is missing.`
}

func (cmd *standardsCommand) Run(sys *system) error {
	file := cmd.File
	if file == "" {
		c, err := cmd.load(sys)
		if err != nil {
			return err
		}
		file = c.Service.Standards
	}
	set, err := servicemodel.LoadStandards(file)
	if err != nil {
		return usage(err)
	}
	w := tabwriter.NewWriter(sys.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "STANDARD\tSTAGE\tDIMENSION\tPART\tMEASURE\tTARGET\tLEVEL\tOWNER\tREVIEW")
	for i := range set.Standards {
		s := &set.Standards[i]
		target := ""
		switch {
		case s.Target.AtMost != nil:
			target = fmt.Sprintf("at most %v %s", *s.Target.AtMost, s.Target.Unit)
		case s.Target.AtLeast != nil:
			target = fmt.Sprintf("at least %v %s", *s.Target.AtLeast, s.Target.Unit)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%v\t%s\t%s\n", s.ID, s.Stage, s.Dimension, s.Part, s.Measure, target, s.Level, s.Owner, s.Review.Format("2006-01-02"))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	faults := set.Lint()
	for _, f := range faults {
		fmt.Fprintf(sys.stdout, "%s is not %s: %s\n", f.Standard, f.Element, f.Says)
	}
	if len(faults) > 0 {
		return answerNo(fmt.Errorf("%d elements of a good standard are missing", len(faults)))
	}
	fmt.Fprintf(sys.stdout, "each of the %d standards is specific, measurable, owned and dated\n", len(set.Standards))
	return nil
}
