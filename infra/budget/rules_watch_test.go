package budget

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// metrics returns what an alarm looks at: its own metric, or those that its
// expression adds up. Each has MetricName, Namespace and Dimensions.
func metrics(alarm piece) (all []map[string]any) {
	if alarm.at("MetricName") != nil {
		return []map[string]any{alarm.Properties}
	}
	for _, m := range list(alarm.at("Metrics")) {
		if of := fields(at(m, "MetricStat", "Metric")); of != nil {
			all = append(all, of)
		}
	}
	return all
}

// dimensions are values by name: several where a condition chooses.
func dimensions(metric any) map[string][]string {
	all := map[string][]string{}
	for _, d := range list(at(metric, "Dimensions")) {
		all[fmt.Sprint(at(d, "Name"))] = words(at(d, "Value"))
	}
	return all
}

// watched reports whether an alarm looks at a metric, or at any if name is "",
// of the one thing that a dimension names: a value, or a resource's logical id.
func watched(p plan, namespace, name, dimension, value string) bool {
	for _, alarm := range p.of(alarmType) {
		for _, m := range metrics(alarm) {
			got := slices.ContainsFunc(dimensions(m)[dimension], func(d string) bool { return d == value || target(d) == value })
			if m["Namespace"] == namespace && m["MetricName"] == cmp.Or(name, fmt.Sprint(m["MetricName"])) && got {
				return true
			}
		}
	}
	return false
}

// everythingIsWatched: throttles of every function and of every table, and how
// long a followed link takes.
func everythingIsWatched(p plan, say func(string, ...any)) {
	for id := range p.of(functionType) {
		if !watched(p, "AWS/Lambda", "Throttles", "FunctionName", named(id)) {
			say("nobody hears when %s is throttled", id)
		}
	}
	for id := range p.of("AWS::DynamoDB::Table") {
		for _, name := range []string{"ReadThrottleEvents", "WriteThrottleEvents"} {
			if !watched(p, "AWS/DynamoDB", name, "TableName", id) {
				say("nobody hears of %s of %s", name, id)
			}
		}
	}
	if !watched(p, "AWS/Lambda", "Duration", "Resource", "${AWS::StackName}-open:"+alias) {
		say("nobody hears when a followed link is slow")
	}
}

// mailIsWatched: SES reviews an account at 5 % bounces or 0.1 % complaints,
// counted over the whole account, so the metrics have no dimension.
func mailIsWatched(p plan, say func(string, ...any)) {
	limits := map[string]float64{"Reputation.BounceRate": 0.02, "Reputation.ComplaintRate": 0.0005}
	for _, alarm := range p.of(alarmType) {
		name := fmt.Sprint(alarm.at("MetricName"))
		if limit, ok := limits[name]; ok && alarm.at("Namespace") == "AWS/SES" && alarm.at("Dimensions") == nil &&
			number(alarm.at("Threshold")) == limit && alarm.at("ComparisonOperator") == "GreaterThanOrEqualToThreshold" {
			delete(limits, name)
		}
	}
	for name, limit := range limits {
		say("nobody hears when %s reaches %v", name, limit)
	}
}

// serverErrorsAreCounted: the filter reads the member of the access log that
// has the status, and the alarm the metric that the filter writes.
func serverErrorsAreCounted(p plan, say func(string, ...any)) {
	filter, alarm := p.Resources["ServerErrorFilter"], p.Resources["ServerErrors"]
	var line map[string]string
	err := json.Unmarshal([]byte(fmt.Sprint(p.Resources["Api"].at("AccessLogSettings", "Format"))), &line)
	if err != nil || line["status"] != "$context.status" || filter.at("FilterPattern") != `{ $.status = "5*" }` || filter.at("LogGroupName") != "AccessLog" {
		say("the API's errors are not found in its log")
	}
	for _, m := range list(filter.at("MetricTransformations")) {
		if at(m, "MetricName") != alarm.at("MetricName") || at(m, "MetricNamespace") != alarm.at("Namespace") || at(m, "MetricValue") != "1" {
			say("the API's errors are counted where no alarm looks")
		}
	}
}

// alarmsSpeak: to the topic if there is one, when they begin and when they
// end, in words, and the README says what to do.
func alarmsSpeak(p plan, say func(string, ...any)) {
	for id, r := range p.of(alarmType) {
		for _, when := range []string{"AlarmActions", "OKActions"} {
			if !strings.Contains(fmt.Sprint(r.at(when)), "AlarmTopic") {
				say("%s tells nobody by %s", id, when)
			}
		}
		if r.at("AlarmDescription") == nil || r.at("TreatMissingData") == nil {
			say("%s has no description, or does not say what silence means", id)
		}
		if !p.explains(id) {
			say("README.md does not say what to do about %s", id)
		}
	}
}

// dashboardShowsAll: it is well-formed, and has every function and alarm.
func dashboardShowsAll(p plan, say func(string, ...any)) {
	body := fmt.Sprint(p.Resources["Dashboard"].at("DashboardBody"))
	if !json.Valid([]byte(body)) {
		say("the dashboard is not JSON")
	}
	for id := range p.of(functionType) {
		if !strings.Contains(body, `"`+named(id)+`"`) {
			say("the dashboard does not show %s", id)
		}
	}
	for id := range p.of(alarmType) {
		if !strings.Contains(body, `"${`+id+`.Arn}"`) {
			say("the dashboard does not show %s", id)
		}
	}
}
