//! Each clause about surcharges and credits, by its id, to the cent.

#![expect(clippy::unwrap_used, reason = "the way of a test to fail is to panic")]

use agreement::{
    Keyed, Terms,
    party::{SurchargePer, SurchargeRule},
};
use facts::{Body, Fact, Money};
use promise::{
    ClientMonth, CreditSheet, SheetError, Verdict, client_months, credit_for, evaluate, instance_months,
};

use crate::{
    june::{JUNE, altered},
    story::{Deal, ENTERPRISE, MANAGED, PREMIUM, STANDARD, instant, tell},
};

fn eur(text: &str) -> Option<Money> {
    Some(format!("EUR {text}").parse().unwrap())
}

/// The sheet of a June with so many counted minutes.
fn sheet(deal: Deal, minutes: i64, price: &str) -> CreditSheet {
    credit_for(&deal.terms(), "2026-06".parse().unwrap(), minutes, eur(price)).unwrap()
}

/// June of `wiki` and `shop`, asked every 20 s, after what the story tells.
#[track_caller]
fn june(terms: &Terms, story: &str) -> ClientMonth {
    let (facts, now) = tell(&format!(
        "03-01 00:00 instance wiki production \"Wiki\" from 2026-03-01 00:00; 03-01 00:00 instance shop production \"Shop\" from 2026-03-01 00:00; \
         06-01 00:00 ams watches wiki every 20s until 2026-07-01 00:00; 06-01 00:00 ams watches shop every 20s until 2026-07-01 00:00; \
         {story}; now 07-02 09:00"
    ));
    let months = instance_months(terms, &facts, now);
    let june = client_months(terms, &facts, &months).into_iter().find(|m| m.month.to_string() == "2026-06");
    june.expect("June has covered time")
}

/// What `uphold agreement credit FILE --tier … --month 2026-06 --down-minutes 25 --price 4000.00` says.
#[test]
fn twenty_five_minutes_at_four_thousand_a_month_on_each_tier() {
    let told = |deal| {
        let sheet = sheet(deal, 25, "4000.00");
        (sheet.verdict, sheet.surcharge, sheet.base, sheet.credit, sheet.net)
    };
    assert_eq!(told(STANDARD), (Verdict::Met, eur("0.00"), eur("4000.00"), eur("0.00"), eur("4000.00")));
    assert_eq!(
        told(PREMIUM),
        (Verdict::Missed, eur("500.00"), eur("4500.00"), eur("1125.00"), eur("3375.00"))
    );
    assert_eq!(
        told(ENTERPRISE),
        (Verdict::Missed, eur("1000.00"), eur("5000.00"), eur("2500.00"), eur("2500.00"))
    );
}

#[test]
fn a_credit_can_be_argued_line_by_line() {
    let sheet = sheet(PREMIUM, 25, "4000.00");
    insta::assert_snapshot!(sheet.why.to_text(|_| None), @r"
    credit of the month: EUR 1125.00
      what the instances earned, at most the cap
      - month: 2026-06
      cap: EUR 3375.00 against EUR 1125.00 earned
        the lesser; it does not bind [SH-CRED-01, SH-CRED-08, SH-CRED-09]
        read as A-17
        - 75% of recurring charges: EUR 4500.00
      surcharge: EUR 500.00
        the greater of percentage and amount [SH-PRICE-01, SH-PRICE-02, SH-PRICE-03]
        read as A-08
        - charges of the month: EUR 4000.00
        - 10%: EUR 400.00
        - amount: EUR 500.00
      credit: EUR 1125.00
        the band's percentage of the base, half a cent up [SH-CRED-02, SH-CRED-03, SH-CRED-07, SH-CRED-12]
        read as A-09
        - instance: instance
        base: EUR 4500.00
          the charge for the instance and month, with its share of the surcharge
          - charge: EUR 4000.00
          - share of the surcharge: EUR 500.00
        percentage: 25%
          the band of the ladder that holds the exact kept share [SH-CRED-04]
          read as A-10
          - band: 99% to below 99.95%
          - uptime: 99.942% (43175/43200 min)
        availability: 99.942% (43175/43200 min): missed
          the kept share, exact and not rounded, is at least the objective [SH-AVAIL-01, SH-AVAIL-02, SH-AVAIL-03, SH-AVAIL-06, SH-AVAIL-08, SH-DEF-06, SH-DEF-07]
          read as A-10
          read as A-32
          - instance: instance
          - month: 2026-06 in UTC
          - objective: 99.95% on premium
          - agreement: 0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f
          uptime: 99.942% (43175/43200 min)
            time below the line less counted minutes, over the time below the line; shown rounded down
            read as A-11
            covered time: 720h
              the time that the term and the month have in common [SH-DEF-04]
              read as A-12
              - month: 2026-06-01T00:00:00Z/2026-07-01T00:00:00Z
              - up: 719h 35m
              - down: 25m
              - excluded: 0m
              - unknown: 0m
            counted minutes: 25
              the whole minutes of each unbroken run of downtime that begin in the month [SH-AVAIL-04, SH-AVAIL-05, SH-AVAIL-07, SH-AVAIL-09]
              read as A-13
              read as A-14
          budget left: -4 of 21 minutes
            the whole minutes that may count before the share falls below the objective, less those that did
            - time below the line in the whole month: 720h
            - counted minutes: 25
    ");
}

#[test]
fn sh_price_01_standard_costs_nothing_extra() {
    let month = june(&STANDARD.terms(), "06-01 00:00 charge wiki 2026-06 EUR 4000.00");
    let surcharge = month.surcharge.unwrap();
    assert_eq!((surcharge.shown().as_str(), surcharge.total), ("included", eur("0.00").unwrap()));
}

#[test]
fn sh_price_02_premium_is_the_greater_of_ten_percent_and_500() {
    assert_eq!(sheet(PREMIUM, 0, "3000.00").surcharge, eur("500.00"));
    assert_eq!(sheet(PREMIUM, 0, "8000.00").surcharge, eur("800.00"));
    assert_eq!(sheet(PREMIUM, 0, "5000.00").surcharge, eur("500.00"));
}

#[test]
fn sh_price_03_enterprise_is_the_greater_of_twenty_percent_and_1000() {
    assert_eq!(sheet(ENTERPRISE, 0, "4000.00").surcharge, eur("1000.00"));
    assert_eq!(sheet(ENTERPRISE, 0, "9000.00").surcharge, eur("1800.00"));
}

/// A-08: every other rule that a file may sign.
#[test]
fn sh_price_02_the_file_says_which_rule() {
    let under = |rule, price: &str| {
        let terms = altered(PREMIUM, |a| a.price.as_mut().unwrap().surcharge.as_mut().unwrap().rule = rule);
        credit_for(&terms, "2026-06".parse().unwrap(), 0, eur(price)).unwrap().surcharge
    };
    assert_eq!(under(SurchargeRule::LesserOf, "3000.00"), eur("300.00"));
    assert_eq!(under(SurchargeRule::Percent, "3000.05"), eur("300.01"));
    assert_eq!(under(SurchargeRule::Amount, "9000.00"), eur("500.00"));
}

/// The surcharge is per agreement and month: several instances share one.
#[test]
fn sh_price_02_instances_share_one_surcharge_to_the_cent() {
    let charges = "06-01 00:00 charge wiki 2026-06 EUR 480.00; 06-01 00:00 charge shop 2026-06 EUR 120.01";
    let surcharge = june(&PREMIUM.terms(), charges).surcharge.unwrap();
    let shares: Vec<String> =
        surcharge.shares.iter().map(|(id, money)| format!("{id} {}", money.plain())).collect();
    assert_eq!(
        (surcharge.total, shares.join(", ").as_str()),
        (eur("500.00").unwrap(), "shop 100.01, wiki 399.99")
    );
    let each = altered(PREMIUM, |a| {
        a.price.as_mut().unwrap().surcharge.as_mut().unwrap().per = SurchargePer::InstanceMonth;
    });
    assert_eq!(june(&each, charges).surcharge.unwrap().total, eur("1000.00").unwrap());
}

/// A month that the term covers in part costs its part of a fixed amount: 10 of 30 days.
#[test]
fn sh_price_02_a_partly_covered_month_costs_its_part() {
    let terms = altered(PREMIUM, |a| a.agreement.term.start = instant("06-21 00:00"));
    let sheet = credit_for(&terms, "2026-06".parse().unwrap(), 0, eur("1000.00")).unwrap();
    assert_eq!(sheet.surcharge, eur("166.67"));
    assert_eq!(sheet.uptime.to_string(), "14400/14400 min");
}

#[test]
fn sh_cred_01_the_headline_percentage_is_the_cap() {
    let cap = |deal| sheet(deal, 43_200, "1000.00").cap.unwrap().percent.to_string();
    assert_eq!([STANDARD, PREMIUM, ENTERPRISE].map(cap), ["50%", "75%", "100%"]);
}

#[test]
fn sh_cred_02_what_is_given_is_a_credit_and_never_more_than_was_due() {
    let all = sheet(ENTERPRISE, 43_200, "4000.00");
    assert_eq!((all.credit, all.net), (eur("5000.00"), eur("0.00")));
}

#[test]
fn sh_cred_03_the_base_is_the_charge_with_its_share_of_the_surcharge() {
    let outage = "06-10 10:00 ams sees wiki down until 06-18 10:00";
    let standard = june(&STANDARD.terms(), &format!("{outage}; 06-01 00:00 charge wiki 2026-06 EUR 480.00"));
    assert_eq!(standard.credit, eur("240.00"), "below 95%");
    let second_band = |deal| sheet(deal, 433, "480.00");
    assert_eq!(second_band(STANDARD).credit, eur("120.00"));
    let first_band = sheet(PREMIUM, 22, "480.00");
    assert_eq!((first_band.base, first_band.credit), (eur("980.00"), eur("245.00")));
    let without = altered(PREMIUM, |a| a.credit.as_mut().unwrap().includes_surcharge = false);
    assert_eq!(
        credit_for(&without, "2026-06".parse().unwrap(), 22, eur("480.00")).unwrap().credit,
        eur("120.00")
    );
}

#[test]
fn sh_cred_03_without_a_charge_there_is_a_percentage_and_no_amount() {
    let month = june(&PREMIUM.terms(), "06-10 10:00 ams sees wiki down until 06-10 10:30");
    let wiki = month.credits.iter().find(|credit| credit.instance.as_str() == "wiki").unwrap();
    assert_eq!(wiki.rung.as_ref().unwrap().percent.to_string(), "25%");
    assert_eq!((wiki.earned, month.credit, month.net, month.unpriced.len()), (None, None, None, 1));
    let asked = credit_for(&PREMIUM.terms(), "2026-06".parse().unwrap(), 30, None).unwrap();
    assert_eq!((asked.band.unwrap().percent.to_string(), asked.credit), ("25%".to_owned(), None));
}

/// A later word on a charge takes the place of an earlier one; the other currency is no charge.
#[test]
fn sh_cred_03_the_charge_recorded_last_is_the_charge() {
    let charged = |story: &str| june(&STANDARD.terms(), story).charged;
    let corrected = "07-01 00:00 charge wiki 2026-06 EUR 450.00; 06-01 00:00 charge wiki 2026-06 EUR 480.00";
    assert_eq!(charged(corrected), eur("450.00"));
    assert_eq!(charged("06-01 00:00 charge wiki 2026-06 USD 480.00"), None);
}

/// A charge that cannot be one enters no figure, and the statement says so.
#[test]
fn sh_price_02_a_charge_that_is_none_is_left_out_with_a_remark() {
    let story =
        "06-01 00:00 charge wiki 2026-06 EUR 4000.00; 06-10 10:00 ams sees wiki down until 06-10 10:25";
    let more = "06-02 00:00 charge wkii 2026-06 EUR 40000.00; 06-03 00:00 charge wiki 2026-06 USD 1.00; \
                06-04 00:00 charge wiki 2026-06 EUR -3.00";
    let (facts, now) = tell(&format!("{JUNE}; {story}; {more}; now 07-02 09:00"));
    let versions = PREMIUM.versions();
    let stated =
        |facts: &[Fact]| evaluate(&versions, facts, now).statement("2026-06".parse().unwrap()).unwrap();
    // The same facts, by the same ids, without the odd charges.
    let is_odd =
        |fact: &Fact| matches!(fact.body, Body::InstanceCharged(_)) && instant("06-01 00:00") < fact.at;
    let sound: Vec<Fact> = facts.iter().filter(|fact| !is_odd(fact)).cloned().collect();
    assert_eq!(facts.len() - sound.len(), 3);
    let (plain, odd) = (stated(&sound), stated(&facts));
    assert_eq!(odd.credit, plain.credit);
    assert_eq!(plain.remarks, [""; 0]);
    insta::assert_snapshot!(odd.remarks.join("\n"), @r"
    Left out: a charge of EUR 40000.00 for wkii, recorded 2026-06-02T00:00:00Z: nobody added such an instance; charge it under the id it was added with, or add it.
    Left out: a charge of USD 1.00 for wiki, recorded 2026-06-03T00:00:00Z: the amounts of the agreement are in EUR; charge it in EUR.
    Left out: a charge of EUR -3.00 for wiki, recorded 2026-06-04T00:00:00Z: a charge is not below zero; record what is charged in the month.
    ");
}

fn band(deal: Deal, minutes: i64) -> String {
    sheet(deal, minutes, "1000.00").band.map_or_else(|| "none".to_owned(), |rung| rung.percent.to_string())
}

#[test]
fn sh_cred_04_the_first_band_is_10_25_and_50_percent() {
    assert_eq!([band(STANDARD, 44), band(PREMIUM, 22), band(ENTERPRISE, 5)], ["10%", "25%", "50%"]);
    assert_eq!([band(STANDARD, 43), band(PREMIUM, 21), band(ENTERPRISE, 4)], ["none", "none", "none"]);
}

#[test]
fn sh_cred_05_exactly_99_percent_is_the_first_band_and_one_minute_less_the_second() {
    assert_eq!([432, 433].map(|minutes| band(STANDARD, minutes)), ["10%", "25%"]);
    assert_eq!([432, 433].map(|minutes| band(PREMIUM, minutes)), ["25%", "50%"]);
    assert_eq!([432, 433].map(|minutes| band(ENTERPRISE, minutes)), ["50%", "75%"]);
}

#[test]
fn sh_cred_06_exactly_95_percent_is_the_second_band_and_one_minute_less_the_third() {
    assert_eq!([2160, 2161].map(|minutes| band(STANDARD, minutes)), ["25%", "50%"]);
    assert_eq!([2160, 2161].map(|minutes| band(PREMIUM, minutes)), ["50%", "75%"]);
    assert_eq!([2160, 2161].map(|minutes| band(ENTERPRISE, minutes)), ["75%", "100%"]);
}

#[test]
fn sh_cred_07_only_the_instance_that_missed_is_credited() {
    let month = june(
        &PREMIUM.terms(),
        "06-10 10:00 ams sees wiki down until 06-10 10:30; \
         06-01 00:00 charge wiki 2026-06 EUR 480.00; 06-01 00:00 charge shop 2026-06 EUR 120.00",
    );
    let earned: Vec<_> = month.credits.iter().map(|c| (c.instance.as_str(), c.earned)).collect();
    assert_eq!(earned, [("shop", None), ("wiki", eur("220.00"))], "25% of 480 and its 400 of the surcharge");
    assert_eq!((month.credit, month.net), (eur("220.00"), eur("880.00")));
}

#[test]
fn sh_cred_08_the_cap_is_compared_with_the_sum_and_shown_even_if_it_does_not_bind() {
    let cap = sheet(PREMIUM, 25, "4000.00").cap.unwrap();
    assert_eq!((Some(cap.amount), Some(cap.sum), cap.binds), (eur("3375.00"), eur("1125.00"), false));
}

#[test]
fn sh_cred_08_a_cap_that_binds_shrinks_every_credit_in_proportion() {
    let ten = altered(PREMIUM, |a| {
        a.credit.as_mut().unwrap().cap.as_mut().unwrap().percent = Keyed::One("10".parse().unwrap());
    });
    let month = june(
        &ten,
        "06-10 10:00 ams sees wiki down until 06-10 10:30; 06-10 10:00 ams sees shop down until 06-10 10:30; \
         06-01 00:00 charge wiki 2026-06 EUR 1000.00; 06-01 00:00 charge shop 2026-06 EUR 333.33",
    );
    let given: Vec<_> = month.credits.iter().map(|c| (c.earned, c.given)).collect();
    assert_eq!(given, [(eur("114.58"), eur("45.83")), (eur("343.75"), eur("137.50"))]);
    assert_eq!((month.credit, month.cap.unwrap().binds), (eur("183.33"), true));
}

/// A-17: of the charges before credits, so an earlier credit on the invoice does not lower it.
#[test]
fn sh_cred_09_the_cap_is_of_the_months_charges_before_credits() {
    let month = june(
        &PREMIUM.terms(),
        "06-10 10:00 ams sees wiki down until 06-14 10:30; 06-01 00:00 charge wiki 2026-06 EUR 1000.00; \
         06-02 00:00 statement S-5 2026-05 credit EUR 400.00; 06-05 00:00 apply S-5 EUR 400.00 on INV-6",
    );
    let cap = month.cap.unwrap();
    assert_eq!(
        (Some(cap.of), Some(cap.amount), month.credit),
        (eur("1500.00"), eur("1125.00"), eur("1125.00"))
    );
    assert!(month.why.to_text(|_| None).contains("EUR 1125.00 against EUR 1125.00 earned"));
}

#[test]
fn a_disputed_exclusion_gives_the_money_in_both_versions() {
    let month = june(
        &PREMIUM.terms(),
        "06-10 10:00 ams sees wiki down until 06-10 10:30; 06-01 00:00 charge wiki 2026-06 EUR 4000.00; \
         06-11 09:00 exclude E-1 wiki from 2026-06-10 10:00 to 2026-06-10 10:30 because beyond-control proof \"ticket\" by mia; \
         06-15 09:00 dispute E-1 saying \"No.\" by jan",
    );
    assert_eq!((month.credit, month.alternative.unwrap().credit), (eur("1125.00"), eur("0.00")));
}

#[test]
fn a_month_that_is_not_over_owes_nothing_yet() {
    let (facts, now) = tell(
        "03-01 00:00 instance wiki production \"Wiki\" from 2026-03-01 00:00; 06-01 00:00 ams watches wiki every 20s until 2026-07-01 00:00; \
         06-01 00:00 charge wiki 2026-06 EUR 4000.00; 06-10 10:00 ams sees wiki down until 06-10 12:00; now 06-20 09:00",
    );
    let months = instance_months(&PREMIUM.terms(), &facts, now);
    let month = client_months(&PREMIUM.terms(), &facts, &months).pop().unwrap();
    assert_eq!(
        (month.credit, months.last().unwrap().verdict),
        (eur("0.00"), Verdict::NotOver { lost: true })
    );
}

#[test]
fn a_question_that_does_not_fit_the_agreement_is_refused() {
    let ask = |deal: Deal, month: &str, minutes, price: &str| {
        credit_for(&deal.terms(), month.parse().unwrap(), minutes, Some(price.parse().unwrap()))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(ask(MANAGED, "2026-06", 1, "EUR 1.00"), SheetError::NoObjective.to_string());
    assert!(ask(PREMIUM, "2025-06", 1, "EUR 1.00").contains("2025-06 lies outside the term"));
    assert!(ask(PREMIUM, "2026-06", 43_201, "EUR 1.00").contains("43200 covered minutes"));
    assert!(ask(PREMIUM, "2026-06", -1, "EUR 1.00").contains("-1 minutes"));
    assert!(ask(PREMIUM, "2026-06", 1, "USD 1.00").contains("USD"));
    assert!(ask(PREMIUM, "2026-06", 1, "EUR -1.00").contains("below zero"));
}
