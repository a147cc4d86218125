// Counters, gauges and latency histograms in the Prometheus text format. A metric is looked up once
// (find its family by name, its series by labels) and then only added to. Any thread.
#pragma once

#include <map>
#include <memory>
#include <string>

namespace pacs {

using MetricLabels = std::map<std::string, std::string>;

class Counter {
 public:
  virtual ~Counter() = default;
  virtual void add(double amount = 1) = 0;
};

class Gauge {
 public:
  virtual ~Gauge() = default;
  virtual void set(double value) = 0;
  virtual void add(double amount) = 0;
};

class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void observe(double value) = 0;
};

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // The same name and labels give the same object, which lives as long as this one does. Names end
  // in their unit (_seconds, _bytes, _total).
  Counter& counter(const std::string& name, const std::string& help,
                   const MetricLabels& labels = {});
  Gauge& gauge(const std::string& name, const std::string& help, const MetricLabels& labels = {});
  // Seconds, in buckets from 0.5 ms to 60 s.
  Histogram& latency(const std::string& name, const std::string& help,
                     const MetricLabels& labels = {});

  // Prometheus text exposition format 0.0.4.
  [[nodiscard]] std::string text() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pacs
