using Gateway.Configuration;
using static Gateway.Tests.Configuration.ConfigurationLoaderTests;

namespace Gateway.Tests.Configuration;

/// <summary>Names in the file, and the ids that they get. The files in <c>cases</c> are small inputs from public reports.</summary>
public sealed class NameTests
{
    public static string Case(string name) => RepositoryFiles.PathOf($"tests/Gateway.Tests/Configuration/cases/{name}");

    [Fact]
    public void A_reference_finds_a_name_that_reads_the_same()
    {
        var house = ConfigurationLoader.Load(Case("apostrophe.yaml")).Configuration!.House;

        Assert.Equal(house.Speakers.Select(s => s.Id), Assert.Single(house.Groups).Members);
    }

    [Theory]
    [InlineData("members: [ANNA'S\u00A0SPEAKER]")]
    [InlineData("members: [\"Anna\\u02BCs \\u200Bspeaker\"]")]
    [InlineData("members: [Kuche], source: 'echo:ＫÜＣＨＥ'")]
    [InlineData("members: [SOFA_1]")]
    public void So_does_every_kind_of_reference(string members) =>
        Assert.Empty(Parse($"echoes: [{{ name: Küche }}, {{ name: Kuche, serial: G1 }}]\nspeakers: [{{ name: Anna’s speaker }}, {{ id: sofa_1, name: Sofa }}]\ngroups: [{{ name: G, {members} }}]").Errors);

    [Theory]
    [InlineData("cyr.yaml", "kukhnya", "zal")]
    [InlineData("cjk.yaml", "group_1", "group_2", "group_3", "group_4")]
    [InlineData("cyr-devices.yaml", "ves_dom")]
    public void Groups_in_any_alphabet_get_ids_of_their_own(string file, params string[] ids) =>
        Assert.Equal(ids, ConfigurationLoader.Load(Case(file)).Configuration!.House.Groups.Select(g => g.Id));

    [Fact]
    public void A_number_stays_over_reordering_removal_and_return()
    {
        var first = Parse("groups: [{ name: 客厅, members: [] }, { name: 卧室, members: [] }]");
        var stored = new Dictionary<string, string>(first.Ids);

        var later = ConfigurationLoader.Parse("groups: [{ name: 厨房, members: [] }, { name: 卧室, members: [] }]", "tutti.yaml", stored);
        foreach (var (key, id) in later.Ids) stored.TryAdd(key, id);
        var last = ConfigurationLoader.Parse("groups: [{ name: 卧室, members: [] }, { name: 客厅, members: [] }, { name: 厨房, members: [] }]", "tutti.yaml", stored);

        Assert.Equal(["group_1", "group_2"], first.Configuration!.House.Groups.Select(g => g.Id));
        Assert.Equal(["group_3", "group_2"], later.Configuration!.House.Groups.Select(g => g.Id));
        Assert.Equal(["group_2", "group_1", "group_3"], last.Configuration!.House.Groups.Select(g => g.Id));
    }

    [Fact]
    public void Two_names_that_make_one_id_are_numbered_and_two_equal_names_are_an_error()
    {
        var two = Valid("groups: [{ name: Зал, members: [] }, { name: Zal, members: [] }, { name: JBL 客厅, members: [] }, { name: JBL 卧室, members: [] }]");
        var one = Parse("groups: [{ name: 客厅, members: [] }, { name: '客厅 ', members: [] }]");

        Assert.Equal(["zal", "zal_2", "jbl", "jbl_2"], two.House.Groups.Select(g => g.Id));
        Assert.Equal("The group \"客厅\" has the id group_1, which is already that of the group \"客厅\" in line 1.", Assert.Single(one.Errors).Message);
    }

    [Fact]
    public void An_id_that_is_written_further_down_is_never_given_to_a_name() =>
        Assert.Equal(["zal_2", "zal"], Valid("groups: [{ name: Zal, members: [] }, { id: zal, name: Hall, members: [] }]").House.Groups.Select(g => g.Id));

    [Theory]
    [InlineData("speaker:anna's box")]
    [InlineData("speaker:anna’s box")]
    public void An_id_stays_where_only_the_apostrophe_of_its_name_changes(string key)
    {
        var known = new Dictionary<string, string> { [key] = "old_id" };

        var result = ConfigurationLoader.Parse("speakers: [{ name: Anna’s Box }]\n", "tutti.yaml", known);

        Assert.Equal("old_id", Assert.Single(result.Configuration!.House.Speakers).Id);
    }

    [Fact]
    public void An_id_of_the_time_when_every_such_name_was_called_device_stays()
    {
        var known = new Dictionary<string, string> { ["group:кухня"] = "device" };

        var result = ConfigurationLoader.Parse("groups: [{ name: Зал, members: [] }, { name: Кухня, members: [] }]", "tutti.yaml", known);

        Assert.Equal(["zal", "device"], result.Configuration!.House.Groups.Select(g => g.Id));
    }
}
