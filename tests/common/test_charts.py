"""Charts stand on zero, keep gaps, and say their numbers in words too."""

from decimal import Decimal

from django.template import Context, Template

from oms.common import charts


def page(tag: str, **context) -> str:
    return Template("{% load charts %}" + tag).render(Context(context))


def test_the_scale_ends_on_a_round_number_above_every_value():
    tops = [charts.top_of([value]) for value in (0, 0.3, 1, 7, 12, 95, 1200)]

    assert tops == [1, 0.3, 1, 8, 20, 100, 2000]


def test_a_value_that_is_not_known_is_a_gap():
    series, _, _ = charts.lines([("Days", [("Mon", 1), ("Tue", 2), ("Wed", None), ("Thu", 2), ("Fri", 1)])])

    assert [[point.label for point in run] for run in series[0].runs] == [["Mon", "Tue"], ["Thu", "Fri"]]


def test_the_parts_of_a_column_stand_upon_each_other():
    bars, _, _ = charts.bars([("Mon", [("late", Decimal(1)), ("on time", Decimal(3))])])
    late, on_time = bars

    assert late.y + late.height == charts.HEIGHT - charts.BOTTOM
    assert round(on_time.y + on_time.height, 1) == late.y
    assert round(on_time.height / late.height) == 3


def test_the_shares_of_a_strip_fill_it():
    bars = charts.strip([("left", 1, "ok"), ("nothing", 0, "warn"), ("packed", 3, "info")])

    assert [(bar.label, bar.x, bar.width) for bar in bars] == [("left", 0, 160), ("packed", 160, 480)]


def test_many_labels_are_thinned_out():
    assert len(charts.words([str(n) for n in range(90)], 6, 40)) == 8


def test_a_chart_has_its_numbers_as_a_table():
    html = page('{% line_chart pairs "Lead time" "h" %}', pairs=[("Mon", 3), ("Tue", None)])

    assert '<svg viewBox="0 0 640 200" role="img" aria-label="Lead time">' in html
    assert '<th scope="row">Mon</th><td class="num">3</td>' in html
    assert '<th scope="row">Tue</th><td class="num">–</td>' in html


def test_a_chart_without_figures_says_so():
    assert "No figures in this period yet." in page('{% bar_chart pairs "Returns" %}', pairs=[("Mon", None)])
    assert "No figures in this period yet." in page('{% stacked_chart rows "Returns" %}', rows=[])


def test_a_legend_stands_only_where_there_is_more_than_one_series():
    one = page('{% stacked_chart rows "R" %}', rows=[("Mon", [("a", 1)])])
    two = page('{% stacked_chart rows "R" %}', rows=[("Mon", [("a", 1), ("b", 2)])])

    assert ("legend" in one, "legend" in two) == (False, True)


def test_words_in_a_chart_are_escaped():
    html = page('{% bar_chart pairs "R" %}{% sparkline values "<x>" %}', pairs=[("<b>", 1)], values=[1, 2])

    assert "<b>" not in html
    assert "<x>" not in html
