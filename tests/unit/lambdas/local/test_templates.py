"""Reading SAM templates: short tags, Globals, and errors that name the place."""

from pathlib import Path

import pytest

from lambdas.local.stack.template import TemplateError, parameter_values, read_templates

FUNCTION = """
Parameters:
  SearchBaseUrl: {Type: String}
  SearchApiKey: {Type: String}
  OpenAiApiKey: {Type: String, Default: ""}
  Pages: {Type: Number, Default: 3}
  Names: {Type: CommaDelimitedList, Default: "a, b"}
Globals:
  Function:
    Timeout: 7
    Layers: [one]
    Environment: {Variables: {A: 1, B: 2}}
Resources:
  Get:
    Type: AWS::Serverless::Function
    Properties:
      Handler: get.handler
      Layers: [!Ref Two]
      Environment: {Variables: {B: !Sub "${X}"}}
"""


def write(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "template.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_globals_are_merged_as_by_sam(tmp_path: Path) -> None:
    (template,) = read_templates([write(tmp_path / "my_shop", FUNCTION)])

    assert template.name == "my-shop"
    assert template.properties("Get") == {
        "Timeout": 7,
        "Layers": ["one", {"Ref": "Two"}],
        "Environment": {"Variables": {"A": 1, "B": {"Fn::Sub": "${X}"}}},
        "Handler": "get.handler",
    }


def test_parameters_come_from_overrides_then_the_cloud_then_defaults(tmp_path: Path) -> None:
    (template,) = read_templates([write(tmp_path / "shop", FUNCTION)])

    values = parameter_values(template, {"Pages": "5"}, "http://gateway", "key-of-{}".format)

    assert values == {
        "SearchBaseUrl": "http://gateway",
        "SearchApiKey": "key-of-search",
        "OpenAiApiKey": "",
        "Pages": 5,
        "Names": ["a", "b"],
    }


def test_a_parameter_without_a_value_is_named(tmp_path: Path) -> None:
    text = "Parameters: {Colour: {Type: String}}\nResources: {}"
    (template,) = read_templates([write(tmp_path / "shop", text)])

    with pytest.raises(TemplateError, match=r"shop/template.yaml: parameter Colour: .*--param Colour=VALUE"):
        parameter_values(template, {}, "http://gateway", "key-of-{}".format)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Resources:\n  Table: [", "line 3: .*did not find"),
        ("Description: nothing", "the file: has no Resources"),
        ("Resources: {Table: {Properties: {}}}", "Table: has no Type"),
    ],
)
def test_a_broken_template_is_reported_in_one_line_with_its_place(tmp_path: Path, text: str, problem: str) -> None:
    path = write(tmp_path / "shop", text)

    with pytest.raises(TemplateError, match=f"template.yaml: {problem}") as caught:
        read_templates([path])
    assert "\n" not in str(caught.value)


def test_a_missing_template_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"nowhere.yaml: the file: No such file or directory$"):
        read_templates([tmp_path / "nowhere.yaml"])


def test_two_stacks_cannot_share_a_name(tmp_path: Path) -> None:
    paths = [write(tmp_path / "a_b", "Resources: {}"), write(tmp_path / "a-b", "Resources: {}")]

    with pytest.raises(TemplateError, match="another stack is called 'a-b' too"):
        read_templates(paths)
