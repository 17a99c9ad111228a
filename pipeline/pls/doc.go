// Package pls estimates path models with latent variables by partial least squares (PLS-PM): Wold's algorithm as in
// Tenenhaus, Esposito Vinzi, Chatelin and Lauro 2005, "PLS path modeling", Computational Statistics & Data Analysis 48,
// with Mode A outer estimation. The customer satisfaction index comes out of it, by the formula of Fornell et al. 1996,
// "The American Customer Satisfaction Index", Journal of Marketing 60(4).
//
// Start at [Fit]; [Resample] adds bootstrap intervals. Everything estimated is a function of the indicators' means,
// standard deviations and correlations: a bootstrap sample computes only these anew (moments.go), and the algorithm
// runs on them (iterate.go).
//
// Indicators are standardised with the population's standard deviation (divided by n, not n − 1), and so are scores; this
// is the convention of the R and Python packages named plspm, with which the tests compare.
//
// The package knows no events, no storage and no clock; randomness comes in as a seed.
package pls
