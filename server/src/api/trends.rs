//! A year of sales: months against targets, industries, product mix.

use axum::Json;
use axum::extract::State;
use client_core::rules::{Figure, ProductMix};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::query::Query;
use super::values::code;
use super::{Answer, Caller};
use crate::app::App;
use crate::web::lists::team::TeamQuery;
use crate::web::pages::trends::MonthSales;
use crate::web::queries::trends;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// Twelve months up to the one asked for.
#[derive(Debug, Serialize, ToSchema)]
struct TrendsOfYear {
    /// Of every amount.
    currency: String,
    months: Vec<MonthLine>,
    /// Deals won in other currencies, which are in no month.
    other_currencies: usize,
    /// Customers by industry.
    industries: Vec<IndustryLine>,
    /// What was sold; absent where nothing was.
    mix: Option<Mix>,
    /// In basis points.
    high_margin_goal: Option<i64>,
}

/// A month's sales.
#[derive(Debug, Serialize, ToSchema)]
struct MonthLine {
    month: String,
    /// Minor units.
    won: i64,
    target: Option<i64>,
    /// Whether the month goes on.
    running: bool,
}

impl From<MonthSales> for MonthLine {
    fn from(sales: MonthSales) -> Self {
        Self {
            month: sales.month.to_string(),
            won: sales.won,
            target: sales.target,
            running: sales.running,
        }
    }
}

/// How many customers of an industry.
#[derive(Debug, Serialize, ToSchema)]
struct IndustryLine {
    /// Absent for customers without one.
    industry: Option<String>,
    customers: u64,
}

/// Shares of what was sold.
#[derive(Debug, Serialize, ToSchema)]
struct Mix {
    classes: Vec<ClassLine>,
    high_margin: Part,
}

/// A class of products.
#[derive(Debug, Serialize, ToSchema)]
struct ClassLine {
    class: String,
    share: Part,
}

/// A part of what was sold, in minor units.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SoldPart)]
struct Part {
    numerator: i64,
    denominator: i64,
}

impl From<&Figure> for Part {
    fn from(figure: &Figure) -> Self {
        Self { numerator: figure.numerator, denominator: figure.denominator }
    }
}

impl From<ProductMix> for Mix {
    fn from(mix: ProductMix) -> Self {
        let classes = mix
            .classes
            .iter()
            .map(|each| ClassLine { class: code(&each.class), share: (&each.share).into() });
        Self { classes: classes.collect(), high_margin: (&mix.high_margin).into() }
    }
}

/// A year of sales against targets, customers by industry, and the product mix.
#[utoipa::path(get, path = "/v1/trends", tag = "boards", params(TeamQuery),
    responses((status = 200, body = TrendsOfYear)))]
async fn show(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<TeamQuery>,
) -> Answer<TrendsOfYear> {
    let ask = query.ask(caller.today())?;
    let (base, reach) = (&caller.base, &caller.reach);
    let data = trends::page(app.storage(), base, reach, ask, caller.now).await?;
    let industries = data
        .industries
        .into_iter()
        .map(|(industry, customers)| IndustryLine { industry, customers });
    Ok(Json(TrendsOfYear {
        currency: data.currency.to_string(),
        months: data.months.into_iter().map(MonthLine::from).collect(),
        other_currencies: data.foreign,
        industries: industries.collect(),
        mix: data.mix.map(Mix::from),
        high_margin_goal: data.high_margin_goal.map(|goal| goal.0),
    }))
}
