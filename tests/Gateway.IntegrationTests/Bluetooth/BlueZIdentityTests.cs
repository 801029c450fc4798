using Gateway.House;
using Tmds.DBus.Protocol;

namespace Gateway.IntegrationTests.Bluetooth;

/// <summary>Which device on the air is which speaker of the house: names come late, and the neighbours have the same models.</summary>
public sealed class BlueZIdentityTests
{
    private const string Own = "00:AA:77:00:00:01";
    private const string Neighbours = "00:AA:66:00:00:01";
    private const string Model = "JBL Flip 6";
    private static string ByModel { get; } = $$"""
        bluetooth: {audio: own}
        speakers: [{id: lounge, name: Lounge, model: JBL Flip 6}, {id: kitchen, name: Kitchen, address: "{{FakeBlueZ.Device}}"}]
        """;

    [Fact]
    public async Task A_name_that_arrives_after_the_first_sight_becomes_name_and_model_and_the_catalogues_advice_with_it()
    {
        await using var house = await BlueZHouse.StartAsync();
        Appears(house, Own, "00-AA-77-00-00-01", paired: false);
        await house.UntilAsync("it is shown without a name", s => s.Speakers.Any(x => x is { Id: "00aa77000001", Name: Own, Model: null, Advice: null }));

        house.BlueZ.Change(PathOf(Own), "org.bluez.Device1", "Alias", VariantValue.String(Model));

        await house.UntilAsync("it has its name", s => s.Speakers.Any(x => x is { Id: "00aa77000001", Name: Model, Model: Model }));
        Assert.StartsWith("JBL Flip 6: ", house.Hub.Current!.Speakers.Single(s => s.Address == Own).Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_later_change_of_name_leaves_the_first_one()
    {
        await using var house = await BlueZHouse.StartAsync();
        Appears(house, Own, Model, paired: true);
        await house.UntilAsync("it is shown", s => s.Speakers.Any(x => x.Name == Model));

        house.BlueZ.Change(PathOf(Own), "org.bluez.Device1", "Alias", VariantValue.String("Party box"));
        house.BlueZ.Change(PathOf(Own), "org.bluez.Device1", "Paired", VariantValue.Bool(false));

        await house.UntilAsync("the later change is seen", s => s.Speakers.Any(x => x is { Address: Own, Paired: false }));
        Assert.Equal(Model, house.Hub.Current!.Speakers.Single(s => s.Address == Own).Name);
    }

    [Fact]
    public async Task A_speaker_configured_by_model_is_found_when_its_name_arrives_late_and_is_no_second_device()
    {
        await using var house = await BlueZHouse.StartAsync(yaml: ByModel);
        Appears(house, Own, "00-AA-77-00-00-01", paired: false);
        await house.UntilAsync("it is shown on its own", s => s.Speakers.Count == 3);

        house.BlueZ.Change(PathOf(Own), "org.bluez.Device1", "Alias", VariantValue.String(Model));

        await house.UntilAsync("it is the lounge's", s => s.Speakers is [{ Id: "lounge", Address: Own }, _]);
    }

    [Fact]
    public async Task A_neighbours_device_in_reach_is_taken_only_until_the_paired_one_is_there()
    {
        await using var house = await BlueZHouse.StartAsync(yaml: ByModel);
        Appears(house, Neighbours, Model, paired: false);
        await house.UntilAsync("it is taken for now", s => s.Speakers is [{ Id: "lounge", Address: Neighbours, Paired: false }, _]);

        Appears(house, Own, Model, paired: true);

        await house.UntilAsync("the paired one is the lounge's", s => s.Speakers.Count == 3 && s.Speakers.Any(x => x is { Id: "lounge", Address: Own }) && s.Speakers.Any(x => x is { Id: "00aa66000001", Address: Neighbours }));
        house.BlueZ.Remove(PathOf(Own), "org.bluez.Device1");
        await house.UntilAsync("it stays the lounge's when it is gone", s => s.Speakers.Any(x => x is { Id: "lounge", Address: Own, Paired: false }));
    }

    [Fact]
    public async Task What_was_only_in_reach_is_not_kept()
    {
        await using var house = await BlueZHouse.StartAsync(yaml: ByModel);
        Appears(house, Neighbours, Model, paired: false);
        await house.UntilAsync("it is taken for now", s => s.Speakers is [{ Address: Neighbours }, _]);

        house.BlueZ.Remove(PathOf(Neighbours), "org.bluez.Device1");

        await house.UntilAsync("the lounge has no address", s => s.Speakers is [{ Id: "lounge", Address: null }, _]);
    }

    [Fact]
    public async Task Of_two_alike_in_reach_none_is_taken_and_the_refusal_names_both_and_the_one_that_is_paired_is_it()
    {
        await using var house = await BlueZHouse.StartAsync(yaml: ByModel);
        Appears(house, Neighbours, Model, paired: false);
        Appears(house, Own, Model, paired: false);
        await house.UntilAsync("both are shown on their own", s => s.Speakers.Count == 4);

        var refused = await house.AskAsync("speaker/lounge/pair", "PRESS");
        var paired = await house.AskAsync("speaker/00aa77000001/pair", "PRESS");

        Assert.Equal(CommandResult.Refused, refused.Result);
        Assert.StartsWith("Lounge has no address in the configuration, and 2 devices have its name: ", refused.Reason, StringComparison.Ordinal);
        Assert.Contains(Own, refused.Reason);
        Assert.Contains(Neighbours, refused.Reason);
        Assert.Equal(CommandResult.Done, paired.Result);
        await house.UntilAsync("the paired one is the lounge's", s => s.Speakers.Any(x => x is { Id: "lounge", Address: Own, Paired: true }));
    }

    [Fact]
    public async Task Forget_clears_the_address_that_was_learned_also_when_its_device_is_gone()
    {
        await using var house = await BlueZHouse.StartAsync(yaml: ByModel);
        Appears(house, Neighbours, Model, paired: true);
        await house.UntilAsync("it is learned", s => s.Speakers is [{ Id: "lounge", Paired: true }, _]);
        house.BlueZ.Remove(PathOf(Neighbours), "org.bluez.Device1");
        await house.UntilAsync("it is gone and still known", s => s.Speakers is [{ Address: Neighbours, Paired: false }, _]);

        var end = await house.AskAsync("speaker/lounge/forget", "PRESS");
        Appears(house, Own, Model, paired: true);

        Assert.Equal((CommandResult.Done, "Lounge has no address any more: the next device of its name that is paired is taken for it."), (end.Result, end.Reason));
        await house.UntilAsync("the own one is the lounge's", s => s.Speakers is [{ Id: "lounge", Address: Own }, _]);
    }

    private static string PathOf(string address) => $"{FakeBlueZ.AdapterPath}/dev_{address.Replace(':', '_')}";

    private static void Appears(BlueZHouse house, string address, string alias, bool paired) =>
        house.BlueZ.Add(PathOf(address), "org.bluez.Device1", FakeBlueZ.Speaker(paired, address: address, alias: alias));
}
