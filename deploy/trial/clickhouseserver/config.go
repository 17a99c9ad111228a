package clickhouseserver

import (
	"bytes"
	"encoding/xml"
	"net"
)

// config returns the server's config.xml. With a password, users is the path of its users.xml.
func config(o *Options, ports []int, data, users string) []byte {
	type node struct {
		Host string `xml:"host"`
		Port string `xml:"port"`
	}
	type zookeeper struct {
		Node node `xml:"node"`
		// Without it, replicas of one user on one machine would take each other's sessions.
		Sessions string `xml:"sessions_path"`
		Timeout  int    `xml:"session_timeout_ms"` // after this time, a killed replica counts as gone
	}
	type macros struct {
		Replica string `xml:"replica"`
		Shard   string `xml:"shard"`
	}
	c := struct {
		XMLName     xml.Name   `xml:"clickhouse"`
		Host        string     `xml:"listen_host"`
		TCP         int        `xml:"tcp_port"`
		HTTP        int        `xml:"http_port"`
		Path        string     `xml:"path"`
		Memory      int64      `xml:"max_server_memory_usage"`
		Marks       int64      `xml:"mark_cache_size"`
		Users       string     `xml:"users_config,omitempty"`
		Interserver int        `xml:"interserver_http_port,omitempty"`
		ISHost      string     `xml:"interserver_http_host,omitempty"`
		Macros      *macros    `xml:"macros"`
		ZooKeeper   *zookeeper `xml:"zookeeper"`
	}{Host: "127.0.0.1", TCP: ports[0], HTTP: ports[1], Path: data + "/", Memory: o.MemoryBytes, Marks: o.MemoryBytes / 8}
	if o.Password != "" {
		c.Users = users
	}
	if r := o.Replica; r != nil {
		host, port, _ := net.SplitHostPort(r.ZooKeeper) // ClickHouse reports a wrong one
		c.Interserver, c.ISHost = ports[1], "127.0.0.1"
		c.Macros = &macros{Replica: r.Name, Shard: "1"}
		c.ZooKeeper = &zookeeper{Node: node{host, port}, Sessions: "/clickhouse/sessions/" + r.Name, Timeout: 3000}
	}
	return encoded(c)
}

// users returns a users.xml with the user default, who has the password and all rights. The program itself needs no password.
func users(password string) []byte {
	type method struct {
		Password string `xml:"password"`
	}
	type user struct {
		Own     method `xml:"auth_methods>own"`
		Clients method `xml:"auth_methods>clients"`
		IP      string `xml:"networks>ip"`
		Profile string `xml:"profile"`
		Quota   string `xml:"quota"`
		Access  int    `xml:"access_management"`
	}
	return encoded(struct {
		XMLName xml.Name `xml:"clickhouse"`
		Profile struct{} `xml:"profiles>default"`
		Quota   struct{} `xml:"quotas>default"`
		User    user     `xml:"users>default"`
	}{User: user{Clients: method{password}, IP: "::/0", Profile: "default", Quota: "default", Access: 1}})
}

func encoded(v any) []byte {
	var b bytes.Buffer
	e := xml.NewEncoder(&b)
	e.Indent("", "  ")
	if err := e.Encode(v); err != nil {
		panic(err) // fields of plain types
	}
	return b.Bytes()
}
