using Gateway.Configuration;
using static Gateway.Tests.Configuration.ConfigurationLoaderTests;

namespace Gateway.Tests.Configuration;

public sealed class IdTests
{
    [Theory]
    [InlineData("name: Küche", "kuche")]
    [InlineData("name: Küche, id: k_1", "k_1")]
    [InlineData("name: Küche, address: 10:28:74:00:00:AB", "1028740000ab")]
    [InlineData("name: Küche, id: k, address: 10:28:74:00:00:AB", "k")]
    public void A_speaker_has_its_own_id_or_its_address_or_the_slug_of_its_name(string settings, string id) =>
        Assert.Equal(id, Assert.Single(Valid($"speakers:\n  - {{ {settings} }}\n").House.Speakers).Id);

    [Theory]
    [InlineData("G0922H", "g0922h")]
    [InlineData("G09-22/H", "g09_22_h")]
    public void An_Echo_has_its_serial(string serial, string id) =>
        Assert.Equal(id, Assert.Single(Valid($"echoes: [{{ name: Kitchen, serial: {serial} }}]").House.Echoes).Id);

    [Fact]
    public void A_stored_id_wins_over_an_address_that_was_learned_later()
    {
        var first = Parse("speakers: [{ name: Balcony }]\ngroups: [{ name: All, members: [Balcony] }]");

        var later = ConfigurationLoader.Parse("speakers: [{ name: BALCONY, address: 10:28:74:00:00:AB }]\ngroups: [{ name: All, members: [balcony] }]", "tutti.yaml", first.Ids);

        Assert.Equal("balcony", first.Ids["speaker:balcony"]);
        Assert.Equal("all", first.Ids["group:all"]);
        Assert.Empty(later.Errors);
        Assert.Equal("balcony", Assert.Single(later.Configuration!.House.Speakers).Id);
        Assert.Equal(["balcony"], Assert.Single(later.Configuration.House.Groups).Members);
    }

    [Fact]
    public void Only_ids_that_come_from_a_name_are_given_out_for_storing()
    {
        var result = Parse("echoes: [{ name: Kitchen, serial: G1 }]\nspeakers: [{ id: x, name: A }, { name: B, address: 10:28:74:00:00:AB }, { name: C }]\ngroups: [{ name: D, members: [C] }]");

        Assert.Equal(["group:d", "speaker:c"], result.Ids.Keys.Order());
    }

    [Theory]
    [InlineData("Küche & Bad", "kuche_bad")]
    [InlineData("Straße", "strasse")]
    [InlineData("Łódź Ørsted ÇA", "lodz_orsted_ca")]
    [InlineData("居間", "device")]
    [InlineData("Кухня", "kukhnya")]
    public void A_slug_keeps_the_letters_under_accents(string name, string id) => Assert.Equal(id, Engine.Text.Ids.Slug(name));

    [Fact]
    public void A_written_id_wins_over_a_stored_one()
    {
        var known = new Dictionary<string, string> { ["speaker:balcony"] = "old" };

        var result = ConfigurationLoader.Parse("speakers: [{ id: new, name: Balcony }]", "tutti.yaml", known);

        Assert.Equal("new", Assert.Single(result.Configuration!.House.Speakers).Id);
    }

    [Fact]
    public void Of_two_speakers_with_one_name_only_one_gets_the_stored_id()
    {
        var known = new Dictionary<string, string> { ["speaker:flip"] = "1028740000ab" };

        var result = ConfigurationLoader.Parse("speakers: [{ name: Flip, address: 10:28:74:00:00:AA }, { name: Flip, address: 10:28:74:00:00:AB }]", "tutti.yaml", known);

        Assert.Equal(["1028740000aa", "1028740000ab"], result.Configuration!.House.Speakers.Select(s => s.Id));
    }

    [Fact]
    public void A_stored_id_that_is_no_id_is_passed_over()
    {
        var known = new Dictionary<string, string> { ["speaker:flip"] = "NOT/an id" };

        Assert.Equal("flip", Assert.Single(ConfigurationLoader.Parse("speakers: [{ name: Flip }]", "tutti.yaml", known).Configuration!.House.Speakers).Id);
    }

    [Fact]
    public void Kinds_other_than_echoes_and_speakers_may_share_an_id()
    {
        var house = Valid("""
            echoes: [{ id: kitchen, name: Kitchen }]
            transmitters: [{ id: kitchen, name: Kitchen, slots: 2 }]
            groups: [{ id: kitchen, name: Kitchen, members: [kitchen] }]
            routines: [{ id: kitchen, name: Kitchen, steps: [{ wait: 1 }] }]
            """).House;

        Assert.Equal(["kitchen"], house.Groups[0].Members);
    }
}
