package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"

	"csatflow/pipeline/intake"
	"csatflow/schemas/readyfeeds"
)

type intakeToken struct {
	Name string `arg:"" help:"The feed, or events for csatflow's own form."`
}

func (intakeToken) Help() string {
	return `Example:
  csatflow intake token kiosk

The token goes to the sender, who sends it as Authorization: Bearer TOKEN, or as the password of basic authentication. The hash goes into
the configuration; nobody can make the token of it.`
}

func (cmd *intakeToken) Run(sys *system) error {
	if !intake.IsName(cmd.Name) {
		return usage(fmt.Errorf("a feed's name has 1 to 64 small letters, digits, _ and -, is %q", cmd.Name))
	}
	b := make([]byte, 32)
	if _, err := rand.Read(b); err != nil {
		return err
	}
	token := "csat_" + base64.RawURLEncoding.EncodeToString(b)
	sum := sha256.Sum256([]byte(token))
	at := "feeds: {" + cmd.Name + ": {token_hashes: [%q]}}"
	if cmd.Name == "events" {
		at = "events: {token_hashes: [%q]}"
	}
	_, err := fmt.Fprintf(sys.stdout, "token  %s\nhash   sha256:%s\n\nThe token is shown only here. In csatflow.yaml:\n\nintake:\n  "+at+"\n", token, hex.EncodeToString(sum[:]), "sha256:"+hex.EncodeToString(sum[:]))
	return err
}

type intakeFeeds struct {
	Name string `arg:"" optional:"" help:"A ready feed, to print."`
}

func (intakeFeeds) Help() string {
	return `Examples:
  csatflow intake feeds
  csatflow intake feeds shopify

A feed of the configuration takes one with use: shopify, and may replace fields of it.`
}

func (cmd *intakeFeeds) Run(sys *system) error {
	if cmd.Name == "" {
		for _, name := range readyfeeds.Names() {
			if _, err := fmt.Fprintln(sys.stdout, name); err != nil {
				return err
			}
		}
		return nil
	}
	text, err := readyfeeds.Text(cmd.Name)
	if err != nil {
		return usage(err)
	}
	_, err = sys.stdout.Write(text)
	return err
}
