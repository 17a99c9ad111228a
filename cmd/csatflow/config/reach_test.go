package config

import (
	"testing"
)

func TestAnAddressThatOthersReachIsTakenWithUsersOrWhenItIsSaidToBeMeant(t *testing.T) {
	const servers = "kafka: {brokers: ['k:1']}\nclickhouse: {address: ['c:1']}\n"
	hash := "$2y$05$KWeAjvcWtHn5bLE7Bj3tFu4uCE2T9oyGMfHnFRaFJ6ZHAlZgGnZHS"
	for _, c := range []struct {
		text string
		good bool
	}{
		{"listen: 127.0.0.1:8080", true}, {"listen: 'localhost:8080'", true}, {"listen: '[::1]:8080'", true}, {"listen: 127.5.5.5:0", true}, {"listen: '[::ffff:127.0.0.1]:80'", true},
		{"listen: 0.0.0.0:8080", false}, {"listen: '[::]:8080'", false}, {"listen: ':8080'", false}, {"listen: 192.168.1.2:8080", false}, {"listen: localhost.evil.example:8080", false},
		{"listen: 0.0.0.0:8080\ninsecure: true", true}, {"listen: 0.0.0.0:8080\ninsecure: false", false},
		{"listen: 0.0.0.0:8080\nweb_config_file: " + put(t, "users.yml", "basic_auth_users: {manager: "+hash+"}\n", 0o600), true},
		{"listen: 0.0.0.0:8080\nweb_config_file: " + put(t, "nobody.yml", "http_server_config: {http2: true}\n", 0o600), false},
		{"listen: 0.0.0.0:8080\nweb_config_file: " + put(t, "empty.yml", "basic_auth_users: {}\n", 0o600), false},
	} {
		if err := load(t, write(t, servers+c.text+"\n")).Check(); (err == nil) != c.good {
			t.Errorf("%s: %v", c.text, err)
		}
	}
}
