// Package value forecasts how often a customer buys, and for how much, from when and how often they bought before
// (schemas/DOMAIN.md, section 6). It knows no database and no history: only numbers.
//
// Start at [Fit]: it estimates the [Model] of all customers. The model then speaks of each of them: [Purchasing] says
// whether and how often they will buy (BG/NBD), [Spending] what a purchase is worth (Gamma-Gamma). Times are days.
package value
