using System.Buffers;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Mqtt;

namespace Gateway.Tests.Mqtt;

public sealed class CommandReaderTests
{
    [Theory]
    [InlineData("ON", "ON")]
    [InlineData("Küche", "Küche")]
    [InlineData(" 5 ", "5")]
    [InlineData("ON\n", "ON")]
    [InlineData("12.5\n", "12.5")]
    [InlineData("30\r\n", "30")]
    [InlineData(" 31", "31")]
    [InlineData("\uFEFFON\u00A0", "ON")]
    [InlineData("\u200BJBL Flip\t", "JBL Flip")]
    [InlineData("\uFEFF{\"value\":\" ON\\n\"}\r\n", "ON")]
    [InlineData("{\"value\":\"\\ufeff30\\r\\n\"}\u00A0", "30")]
    [InlineData("[1]", "[1]")]
    [InlineData("""{"value":"ON"}""", "ON")]
    [InlineData("""{"value":5}""", "5")]
    [InlineData("""{"value":12.0}""", "12")]
    [InlineData("""{"value":-0.1}""", "-0.1")]
    [InlineData("""{"value":true}""", "true")]
    [InlineData("""  {"other":{"value":[1,2]},"value":"x"}  """, "x")]
    [InlineData("""{"value":"{\"value\":1}"}""", """{"value":1}""")]
    public void A_value_is_read(string payload, string expected)
    {
        var read = Read(payload);

        Assert.Equal((expected, null), (read.Value, read.Refusal));
    }

    [Fact]
    public void A_correlation_is_read()
    {
        Assert.Equal("c-1", Read("""{"value":1,"correlation":"c-1"}""").Correlation);
        Assert.Null(Read("""{"value":1,"correlation":null}""").Correlation);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("   ", "empty")]
    [InlineData("\uFEFF\n", "empty")]
    [InlineData("""{"value":" \n "}""", "empty")]
    [InlineData("""{"value":""}""", "empty")]
    [InlineData("{", "begins like JSON")]
    [InlineData("{}", "no member \"value\"")]
    [InlineData("""{"value":1} trailing""", "begins like JSON")]
    [InlineData("""{"value":1}{"value":2}""", "begins like JSON")]
    [InlineData("""{"value":1,"value":2}""", "\"value\" twice")]
    [InlineData("""{"value":1,"correlation":"a","correlation":"b"}""", "\"correlation\" twice")]
    [InlineData("""{"value":null}""", "must be a text")]
    [InlineData("""{"value":{"value":1}}""", "must be a text")]
    [InlineData("""{"value":1e999}""", "must be a text")]
    [InlineData("""{"value":NaN}""", "begins like JSON")]
    [InlineData("""{"value":1,"correlation":7}""", "\"correlation\" must be a text")]
    [InlineData("""{"value":"\ud800"}""", "begins like JSON")]
    [InlineData("""{"value":"a\u0000"}""", "NUL")]
    [InlineData("a\0b", "NUL")]
    [InlineData("nan", "finite")]
    [InlineData("-Infinity", "finite")]
    [InlineData("1e999", "finite")]
    [InlineData("""{"value":"Infinity"}""", "finite")]
    public void A_bad_payload_is_refused(string payload, string reason)
    {
        var read = Read(payload);

        Assert.True(read.Refusal?.Contains(reason, StringComparison.Ordinal), read.Refusal ?? $"read as {read.Value}");
    }

    [Fact]
    public void Nesting_is_bounded() => Assert.Contains("begins like JSON", Read("{\"x\":" + new string('[', 30_000) + new string(']', 30_000) + ",\"value\":1}").Refusal, StringComparison.Ordinal);

    [Fact]
    public void A_routine_needs_no_value()
    {
        Assert.Null(CommandReader.Read(default, "run", mayBeEmpty: true).Refusal);
        var read = CommandReader.Read(new("""{"correlation":"c"}"""u8.ToArray()), "run", mayBeEmpty: true);
        Assert.Equal(("", "c", null), (read.Value, read.Correlation, read.Refusal));
    }

    [Fact]
    public void A_speaker_may_be_called_Infinity() => Assert.Equal("Infinity", CommandReader.Read(new("Infinity"u8.ToArray()), "bluetooth", false).Value);

    [Fact]
    public void Exactly_64_KiB_are_read_and_one_byte_more_is_not()
    {
        Assert.Null(Read(new string('a', CommandReader.MaxBytes)).Refusal);
        Assert.Contains("65537 bytes", Read(new string('a', CommandReader.MaxBytes + 1)).Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_shown_of_a_long_value_never_ends_in_half_a_character()
    {
        var shown = Read(new string('a', 99) + string.Concat(Enumerable.Repeat("😀", 20_000))).Value;

        Assert.Equal(new string('a', 99), shown);
    }

    [Fact]
    public void Whatever_the_bytes_the_answer_is_a_value_or_a_refusal_and_short() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(2000),
        Prop.ForAll<byte[]>(bytes =>
        {
            var read = CommandReader.Read(new ReadOnlySequence<byte>(bytes), "volume", false);
            return read.Refusal is null ? read.Value is { Length: > 0 } : read.Value is null or { Length: <= 100 };
        }));

    [Fact]
    public void Whatever_follows_a_brace_never_throws() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(2000),
        Prop.ForAll<string>(text => CommandReader.Read(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes("{\"value\":" + text)), "volume", false) is { Refusal: not null } or { Value.Length: > 0 }));

    private static ReadCommand Read(string payload) => CommandReader.Read(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(payload)), "volume", mayBeEmpty: false);
}
